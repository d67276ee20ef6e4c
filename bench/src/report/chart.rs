//! Charts as SVG: axes with units, lines, cells of a heat map. Colours come from the page.

use std::fmt::Write;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 300.0;
const LEFT: f64 = 82.0;
const RIGHT: f64 = 18.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 52.0;
/// Most points of a line that are drawn with a dot and a text of their own.
const DOTS_MAX: usize = 60;

/// Colours that lines can have.
pub(super) const COLOURS: usize = 6;

/// How values become places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scale {
    /// Evenly, from 0 on.
    Linear,
    /// By their logarithm.
    Log,
    /// Percentiles: as much room from 90 to 99 as from 99 to 99.9.
    Percentile,
}

/// An axis.
pub(super) struct Axis {
    pub(super) label: &'static str,
    pub(super) scale: Scale,
    /// A value as text, with its unit.
    pub(super) text: fn(f64) -> String,
}

/// A line.
pub(super) struct Line {
    pub(super) name: String,
    /// Which colour of the page: below [`COLOURS`].
    pub(super) colour: usize,
    pub(super) points: Vec<(f64, f64)>,
}

/// A cell of a heat map: its bounds and how dark it is, from 0 to 1.
pub(super) struct Cell {
    pub(super) x: (f64, f64),
    pub(super) y: (f64, f64),
    pub(super) share: f64,
}

/// A chart.
pub(super) struct Chart {
    pub(super) title: String,
    pub(super) x: Axis,
    pub(super) y: Axis,
    pub(super) lines: Vec<Line>,
    pub(super) cells: Vec<Cell>,
    /// A value of the vertical axis that something is judged by.
    pub(super) bound: Option<(f64, String)>,
}

impl Chart {
    /// Whether there is anything to be seen.
    pub(super) fn is_empty(&self) -> bool {
        self.lines.iter().all(|line| line.points.len() < 2)
    }

    /// The chart with its title and legend.
    pub(super) fn html(&self) -> String {
        let mut out = String::new();
        let title = escape(&self.title);
        // Writing to a text does not fail.
        let _ = write!(out, "<figure><figcaption>{title}</figcaption><div class=\"legend\">");
        for line in &self.lines {
            let name = escape(&line.name);
            let _ = write!(out, "<span class=\"c{}\">{name}</span>", line.colour);
        }
        if !self.cells.is_empty() {
            out.push_str("<span class=\"heat\">how many</span>");
        }
        let _ = write!(
            out,
            "</div><svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{title}\">"
        );
        self.draw(&mut out);
        out.push_str("</svg></figure>");
        out
    }

    fn draw(&self, out: &mut String) {
        let points = || self.lines.iter().flat_map(|line| &line.points);
        let cells = || self.cells.iter();
        let x = Span::of(
            self.x.scale,
            points().map(|p| p.0).chain(cells().flat_map(|cell| [cell.x.0, cell.x.1])),
            false,
        );
        let bound = self.bound.iter().map(|(value, _)| *value);
        let y = Span::of(
            self.y.scale,
            points().map(|p| p.1).chain(cells().flat_map(|cell| [cell.y.0, cell.y.1])).chain(bound),
            true,
        );
        let across = |value| LEFT + x.place(value) * (WIDTH - LEFT - RIGHT);
        let up = |value| HEIGHT - BOTTOM - y.place(value) * (HEIGHT - TOP - BOTTOM);
        for cell in &self.cells {
            let (left, right) = (across(cell.x.0), across(cell.x.1));
            let (low, high) = (up(cell.y.0), up(cell.y.1));
            let _ = write!(
                out,
                "<rect class=\"cell\" x=\"{left:.1}\" y=\"{high:.1}\" width=\"{:.1}\" height=\"{:.1}\" \
                 opacity=\"{:.2}\"/>",
                (right - left).max(0.5),
                (low - high).max(0.5),
                cell.share
            );
        }
        let (right, floor) = (WIDTH - RIGHT, HEIGHT - BOTTOM);
        for tick in y.ticks() {
            let at = up(tick);
            let text = (self.y.text)(tick);
            let _ = write!(
                out,
                "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{right}\" y1=\"{at:.1}\" y2=\"{at:.1}\"/>\
                 <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{text}</text>",
                LEFT - 8.0,
                at + 4.0
            );
        }
        for tick in x.ticks() {
            let at = across(tick);
            let text = (self.x.text)(tick);
            let _ = write!(
                out,
                "<line class=\"grid\" x1=\"{at:.1}\" x2=\"{at:.1}\" y1=\"{TOP}\" y2=\"{floor}\"/>\
                 <text x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{text}</text>",
                floor + 20.0
            );
        }
        let (middle, half) = ((LEFT + right) / 2.0, (TOP + floor) / 2.0);
        let _ = write!(
            out,
            "<line class=\"axis\" x1=\"{LEFT}\" x2=\"{right}\" y1=\"{floor}\" y2=\"{floor}\"/>\
             <text class=\"label\" x=\"{middle:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>\
             <text class=\"label\" transform=\"translate(15 {half:.1}) rotate(-90)\" \
             text-anchor=\"middle\">{}</text>",
            HEIGHT - 8.0,
            escape(self.x.label),
            escape(self.y.label)
        );
        if let Some((value, name)) = &self.bound {
            let at = up(*value);
            let _ = write!(
                out,
                "<line class=\"bound\" x1=\"{LEFT}\" x2=\"{right}\" y1=\"{at:.1}\" y2=\"{at:.1}\"/>\
                 <text class=\"bound\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
                LEFT + 6.0,
                at - 5.0,
                escape(name)
            );
        }
        for line in &self.lines {
            let places: Vec<String> = line
                .points
                .iter()
                .map(|(x, y)| format!("{:.1},{:.1}", across(*x), up(*y)))
                .collect();
            let _ = write!(
                out,
                "<polyline class=\"c{}\" points=\"{}\"/>",
                line.colour,
                places.join(" ")
            );
            if line.points.len() > DOTS_MAX {
                continue;
            }
            for (x, y) in &line.points {
                let _ = write!(
                    out,
                    "<circle class=\"c{}\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"2.2\"><title>{}: {} at {}\
                     </title></circle>",
                    line.colour,
                    across(*x),
                    up(*y),
                    escape(&line.name),
                    (self.y.text)(*y),
                    (self.x.text)(*x)
                );
            }
        }
    }
}

/// What an axis shows, in the numbers that are drawn.
struct Span {
    scale: Scale,
    low: f64,
    high: f64,
}

impl Span {
    fn of(scale: Scale, values: impl Iterator<Item = f64>, room: bool) -> Self {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values.map(|value| flat(scale, value)).filter(|value| value.is_finite()) {
            low = low.min(value);
            high = high.max(value);
        }
        if low > high {
            (low, high) = (0.0, 1.0);
        }
        match scale {
            Scale::Linear => {
                low = low.min(0.0);
                high = if room { high * 1.08 } else { high };
            }
            Scale::Log if room => (low, high) = (low - 0.08, high + 0.08),
            Scale::Log | Scale::Percentile => {}
        }
        if high - low < 1e-9 {
            high = low + 1.0;
        }
        Self { scale, low, high }
    }

    /// Where a value is, from 0 to 1.
    fn place(&self, value: f64) -> f64 {
        ((flat(self.scale, value) - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    /// Values that the axis names.
    fn ticks(&self) -> Vec<f64> {
        match self.scale {
            Scale::Linear => {
                let rough = (self.high - self.low) / 6.0;
                let power = 10_f64.powf(rough.log10().floor());
                let steps = [1.0, 2.0, 2.5, 5.0, 10.0];
                let step = steps.iter().map(|s| s * power).find(|s| *s >= rough).unwrap_or(rough);
                let count = ((self.high - self.low) / step).floor() as u32;
                (0..=count).map(|n| self.low + f64::from(n) * step).collect()
            }
            Scale::Log => {
                let within = |value: &f64| (self.low..=self.high).contains(&value.log10());
                let powers = self.low.floor() as i32..=self.high.ceil() as i32;
                let few: &[f64] = match self.high - self.low {
                    span if span < 1.6 => &[1.0, 2.0, 5.0],
                    span if span < 2.6 => &[1.0, 3.0],
                    _ => &[1.0],
                };
                powers
                    .flat_map(|power| few.iter().map(move |m| m * 10_f64.powi(power)))
                    .filter(within)
                    .collect()
            }
            Scale::Percentile => {
                let all = [0.0, 50.0, 90.0, 99.0, 99.9, 99.99, 99.999, 99.9999, 99.99999];
                all.into_iter().filter(|p| flat(Scale::Percentile, *p) <= self.high).collect()
            }
        }
    }
}

/// A value as its scale draws it.
fn flat(scale: Scale, value: f64) -> f64 {
    match scale {
        Scale::Linear => value,
        Scale::Log => value.max(1e-9).log10(),
        Scale::Percentile => -(1.0 - value / 100.0).max(1e-12).log10(),
    }
}

/// Text that is nothing but text in a page.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_name_round_values_within_what_they_show() {
        let linear = Span::of(Scale::Linear, [3.0, 97.0].into_iter(), false);
        assert_eq!(linear.ticks(), [0.0, 20.0, 40.0, 60.0, 80.0]);
        let log = Span::of(Scale::Log, [15.0, 1500.0].into_iter(), false);
        let ticks: Vec<i64> = log.ticks().iter().map(|tick| tick.round() as i64).collect();
        assert_eq!(ticks, [30, 100, 300, 1000]);
        let percentile = Span::of(Scale::Percentile, [0.0, 99.95].into_iter(), false);
        assert_eq!(percentile.ticks(), [0.0, 50.0, 90.0, 99.0, 99.9]);
    }

    #[test]
    fn every_value_has_its_place_however_odd() {
        for scale in [Scale::Linear, Scale::Log, Scale::Percentile] {
            for values in [vec![], vec![0.0], vec![5.0, 5.0], vec![f64::NAN, 1.0], vec![-1.0, 1e12]]
            {
                let span = Span::of(scale, values.iter().copied(), true);
                for value in values.iter().filter(|value| value.is_finite()) {
                    assert!((0.0..=1.0).contains(&span.place(*value)), "{scale:?} {values:?}");
                }
                assert!(span.ticks().len() < 40, "{scale:?} {values:?}");
            }
        }
    }

    #[test]
    fn names_are_text_and_nothing_else() {
        let axis = || Axis { label: "s", scale: Scale::Linear, text: |value| format!("{value}") };
        let points = vec![(0.0, 1.0), (1.0, 2.0)];
        let line = Line { name: "<script>".to_owned(), colour: 0, points };
        let (lines, cells, bound) = (vec![line], Vec::new(), None);
        let title = "a & b".to_owned();
        let html = Chart { title, x: axis(), y: axis(), lines, cells, bound }.html();
        assert!(!html.contains("<script>") && html.contains("&lt;script&gt;"), "{html}");
        assert!(html.contains("a &amp; b"), "{html}");
    }
}
