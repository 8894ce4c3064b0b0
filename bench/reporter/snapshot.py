# SPDX-License-Identifier: MIT
"""The report that is committed: docs/benchmarks/, with a chart for the README."""
import chart
import markdown


def write(results, folder):
    """Writes DATE.md and overview.svg, and returns the former's path."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "overview.svg").write_text(chart.overview(results, standalone=True) + "\n", encoding="utf-8")
    report = folder / f"{results['about']['date']}.md"
    head, _, rest = markdown.report(results).partition("\n")
    report.write_text(f"{head}\n\n![intermut relative to its best peers](overview.svg)\n{rest}", encoding="utf-8")
    return report
