//! Plots out of characters.

use std::io::{self, Write};

use super::Latency;

/// Characters that the longest bar takes.
const WIDTH: f64 = 48.0;
/// Most characters of a line over time.
const COLUMNS: usize = 60;

/// A line of bars, with its lowest and highest value. Many values are put together by their mean.
pub(crate) fn sparkline(values: &[f64]) -> (String, f64, f64) {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let each = values.len().div_ceil(COLUMNS).max(1);
    let means: Vec<f64> =
        values.chunks(each).map(|chunk| chunk.iter().sum::<f64>() / chunk.len() as f64).collect();
    let low = means.iter().copied().fold(f64::INFINITY, f64::min);
    let high = means.iter().copied().fold(0.0, f64::max);
    let bar = |value: f64| {
        let share = if high > 0.0 { value / high } else { 0.0 };
        let at = ((share * 8.0).ceil() as usize).clamp(1, 8) - 1;
        BARS.get(at).copied().unwrap_or(' ')
    };
    (means.iter().map(|&value| bar(value)).collect(), low, high)
}

/// A time with a fitting unit.
pub(crate) fn time(nanos: f64) -> String {
    match nanos {
        n if n < 1e3 => format!("{n:.0} ns"),
        n if n < 1e6 => format!("{:.0} us", n / 1e3),
        n if n < 1e9 => format!("{:.2} ms", n / 1e6),
        n => format!("{:.2} s", n / 1e9),
    }
}

/// Percentiles with bars as long as the time's logarithm.
pub(super) fn percentiles(out: &mut impl Write, latency: &Latency) -> io::Result<()> {
    if latency.count == 0 {
        return writeln!(out, "  nothing was answered");
    }
    let magnitude = |us: f64| us.max(1.0).log10() + 0.1;
    let most = magnitude(latency.max);
    for (name, us) in latency.rows() {
        let length = (magnitude(us) / most * WIDTH).round().max(1.0) as usize;
        writeln!(out, "  {name:<8}{:>10}  {}", time(us * 1e3), "#".repeat(length))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{sparkline, time};

    #[test]
    fn a_line_shows_the_course_and_its_limits() {
        assert_eq!(sparkline(&[0.0, 50.0, 100.0]), ("▁▄█".to_owned(), 0.0, 100.0));
        assert_eq!(sparkline(&[1.0; 1000]).0.chars().count(), 59);
    }

    #[test]
    fn times_have_units() {
        assert_eq!(time(500.0), "500 ns");
        assert_eq!(time(71_000.0), "71 us");
        assert_eq!(time(2_500_000.0), "2.50 ms");
    }
}
