//! The picture of load and goodput over time, with the trouble shaded. Draws what it is given and computes nothing but
//! rates.

use super::PlotError;
use super::goodput::Goodput;
use crate::time::Duration;
use plotters::coord::Shift;
use plotters::prelude::*;

/// How several teams fared while something troubled what they call, and after.
pub struct Timeline<'a> {
    /// What it is about.
    pub title: &'a str,
    /// From when to when there was trouble, if it was the same in every run.
    pub trouble: Option<[Duration; 2]>,
    /// What became of each team.
    pub teams: &'a [Goodput],
}

type DrawingError = DrawingAreaErrorKind<<SVGBackend<'static> as DrawingBackend>::ErrorType>;
type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Counts = for<'a> fn(&'a Goodput) -> &'a [u64];

/// A picture's size in pixels, and what of it the title takes.
const SIZE: (u32, u32) = (860, 620);
const TITLE: u32 = 44;
const INK: RGBColor = RGBColor(40, 40, 40);
/// From the colours of Okabe and Ito (2008), which people with every common kind of colour blindness tell apart.
const COLOURS: [RGBColor; 4] =
    [RGBColor(213, 94, 0), RGBColor(0, 114, 178), RGBColor(0, 158, 115), RGBColor(204, 121, 167)];

impl Timeline<'_> {
    /// The picture as a document of its own.
    ///
    /// # Errors
    /// If there is nothing to draw.
    pub fn svg(&self) -> Result<String, PlotError> {
        if self.teams.iter().all(|team| team.runs() == 0) {
            return Err(PlotError::new("no team was run"));
        }
        let mut text = String::new();
        {
            let root = SVGBackend::with_string(&mut text, SIZE).into_drawing_area();
            self.draw(&root).map_err(|error| PlotError::new(error.to_string()))?;
        }
        Ok(text)
    }

    fn draw(&self, root: &Area<'_>) -> Result<(), DrawingError> {
        root.fill(&WHITE)?;
        let title = ("sans-serif", 22).into_font().style(FontStyle::Bold).color(&INK);
        root.draw_text(self.title, &title, (18, 12))?;
        let (_, below) = root.split_vertically(TITLE);
        let panels = below.split_evenly((2, 1));
        self.panel(&panels[0], "Calls made, a second", Goodput::made)?;
        self.panel(&panels[1], "Calls answered in time, a second", Goodput::answered)?;
        root.present()
    }

    fn panel(&self, area: &Area<'_>, heading: &str, counts: Counts) -> Result<(), DrawingError> {
        let heading_style = ("sans-serif", 16).into_font().style(FontStyle::Bold).color(&INK);
        area.draw_text(heading, &heading_style, (18, 6))?;
        let lines: Vec<Vec<(f64, f64)>> = self.teams.iter().map(|team| rates(team, counts)).collect();
        let points = || lines.iter().flatten();
        let end = points().map(|(at, _)| *at).fold(1.0, f64::max);
        let top = points().map(|(_, rate)| *rate).fold(0.0, f64::max).ceil().max(1.0);
        let mut chart = ChartBuilder::on(area)
            .margin_top(30)
            .margin_right(24)
            .margin_left(10)
            .x_label_area_size(40)
            .y_label_area_size(40)
            .build_cartesian_2d(0.0..end, 0.0..top)?;
        if let Some([from, to]) = self.trouble {
            let shade = [(seconds(from), 0.0), (seconds(to), top)];
            chart.draw_series([Rectangle::new(shade, RGBColor(120, 120, 120).mix(0.18).filled())])?;
        }
        let ticks = ("sans-serif", 13).into_font().color(&INK);
        let whole = |value: &f64| format!("{value:.0}");
        let axis = if self.trouble.is_some() { "virtual seconds; shaded: the trigger" } else { "virtual seconds" };
        let mut mesh = chart.configure_mesh();
        mesh.disable_x_mesh().light_line_style(TRANSPARENT).x_label_formatter(&whole);
        mesh.label_style(ticks.clone()).axis_desc_style(ticks).x_desc(axis).draw()?;
        for (place, (line, colour)) in lines.iter().zip(COLOURS.iter().cycle()).enumerate() {
            chart.draw_series(LineSeries::new(line.iter().copied(), colour.stroke_width(2)))?;
            let name = ("sans-serif", 15).into_font().color(colour);
            let down = 8 + 18 * i32::try_from(place).expect("a few teams");
            area.draw_text(self.teams[place].name(), &name, (360, down))?;
        }
        Ok(())
    }
}

/// Counts of one run a second, in the middle of each span.
fn rates(team: &Goodput, counts: Counts) -> Vec<(f64, f64)> {
    let span = seconds(team.span());
    let rate = |(place, count): (usize, &u64)| {
        ((number(place as u64) + 0.5) * span, number(*count) / (number(team.runs().max(1)) * span))
    };
    counts(team).iter().enumerate().map(rate).collect()
}

fn seconds(span: Duration) -> f64 {
    number(span.0) / 1e9
}

#[allow(clippy::cast_precision_loss, reason = "a place on a picture")]
fn number(count: u64) -> f64 {
    count as f64
}
