//! The picture of a comparison: how often teams are right, late and unsafe as one circumstance grows. Draws what it is
//! given and computes nothing.
//!
//! The same values give the same bytes: coordinates are rounded to pixels, and the order in which things are drawn
//! depends on nothing but the teams'.

use super::compare::Comparison;
use super::curves::{Curve, Curves, Point};
use super::interval::Share;
use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// A picture that could not be drawn.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the plot cannot be drawn: {0}")]
pub struct PlotError(String);

impl PlotError {
    pub(super) fn new(why: impl Into<String>) -> PlotError {
        PlotError(why.into())
    }
}

/// One column of panels for each circumstance, one row for each question.
pub struct Plot<'a> {
    /// What it is about.
    pub title: &'a str,
    /// Under what all of it was found, line by line.
    pub caption: &'a [String],
    /// What grew, and what became of every team.
    pub columns: &'a [Curves],
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// A panel's size in pixels, with the labels at its right.
const PANEL: (u32, u32) = (560, 262);
/// Room for the title, and for one line of the caption.
const TITLE: u32 = 46;
const CAPTION: u32 = 20;
/// Room for a panel's heading, its ticks and its curves' names.
const HEADING: u32 = 36;
const NAMES: u32 = 118;
/// Names closer than this would overlap.
const APART: i32 = 15;

const INK: RGBColor = RGBColor(40, 40, 40);
const GRID: RGBColor = RGBColor(226, 226, 226);

/// Okabe and Ito, Color Universal Design (2008): told apart by people with every common kind of colour blindness. Their
/// yellow is too pale for a line on white and gives way to a grey.
const COLOURS: [RGBColor; 8] = [
    RGBColor(213, 94, 0),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(0, 114, 178),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(0, 0, 0),
    RGBColor(128, 128, 128),
];

/// What a row of panels asks.
struct Question {
    heading: &'static str,
    share: fn(&Comparison) -> Option<Share>,
}

const QUESTIONS: [Question; 3] = [
    Question { heading: "Correct decisions, %", share: |comparison| comparison.correct },
    Question {
        heading: "Late or stalled: no decision 30 s after the request, % of runs",
        share: |comparison| comparison.late,
    },
    Question {
        heading: "Unsafe: agreement, validity or integrity broken, % of runs",
        share: |comparison| comparison.violated,
    },
];

impl Plot<'_> {
    /// The picture as a document of its own.
    ///
    /// # Errors
    /// If there is nothing to draw.
    pub fn svg(&self) -> Result<String, PlotError> {
        if self.columns.iter().flat_map(|column| &column.curves).all(|curve| curve.points.is_empty()) {
            return Err(PlotError("no team was swept".to_owned()));
        }
        let columns = u32::try_from(self.columns.len()).expect("a few columns");
        let rows = u32::try_from(QUESTIONS.len()).expect("a few rows");
        let lines = u32::try_from(self.caption.len()).expect("a few lines");
        let size = (PANEL.0 * columns, TITLE + PANEL.1 * rows + CAPTION * (lines + 1));
        let mut text = String::new();
        {
            let root = SVGBackend::with_string(&mut text, size).into_drawing_area();
            self.draw(&root, size).map_err(|error| PlotError(error.to_string()))?;
        }
        Ok(text)
    }

    fn draw(&self, root: &Area<'_>, size: (u32, u32)) -> Result<(), DrawingError> {
        root.fill(&WHITE)?;
        let style = Pos::new(HPos::Left, VPos::Center);
        let title = ("sans-serif", 24).into_font().style(FontStyle::Bold).color(&INK).pos(style);
        root.draw_text(self.title, &title, (18, pixels(TITLE / 2) + 2))?;
        let caption = ("sans-serif", 15).into_font().color(&RGBColor(90, 90, 90)).pos(style);
        for (number, line) in (0..).zip(self.caption) {
            let below = size.1 - CAPTION * (u32::try_from(self.caption.len()).expect("a few lines") - number) - 8;
            root.draw_text(line, &caption, (18, pixels(below)))?;
        }
        let (_, below) = root.split_vertically(TITLE);
        let (panels, _) = below.split_vertically(PANEL.1 * u32::try_from(QUESTIONS.len()).expect("a few rows"));
        let panels = panels.split_evenly((QUESTIONS.len(), self.columns.len()));
        let cells = QUESTIONS.iter().flat_map(|question| self.columns.iter().map(move |column| (question, column)));
        for (panel, (question, column)) in panels.iter().zip(cells) {
            self.panel(root, panel, question, column)?;
        }
        root.present()
    }

    fn panel(
        &self,
        root: &Area<'_>,
        area: &Area<'_>,
        question: &Question,
        column: &Curves,
    ) -> Result<(), DrawingError> {
        let heading = ("sans-serif", 17).into_font().style(FontStyle::Bold).color(&INK);
        area.draw_text(question.heading, &heading, (18, 10))?;
        let last = column.curves.iter().flat_map(|curve| &curve.points).map(|point| point.at).max().unwrap_or(1);
        let mut chart = ChartBuilder::on(area)
            .margin_top(HEADING)
            .margin_right(NAMES)
            .margin_left(10)
            .x_label_area_size(44)
            .y_label_area_size(40)
            .build_cartesian_2d(0.0..number(last.max(1)), 0.0..self.top(question))?;
        let ticks = ("sans-serif", 14).into_font().color(&INK);
        let whole = |value: &f64| if *value == value.trunc() { format!("{value:.0}") } else { format!("{value:.1}") };
        chart
            .configure_mesh()
            .disable_x_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(GRID)
            .axis_style(RGBColor(150, 150, 150))
            .x_labels(8)
            .y_labels(6)
            .x_label_formatter(&whole)
            .y_label_formatter(&whole)
            .label_style(ticks.clone())
            .axis_desc_style(ticks)
            .x_desc(column.axis)
            .draw()?;
        for (curve, colour) in column.curves.iter().zip(COLOURS.iter().cycle()) {
            band(&mut chart, question, curve, *colour)?;
        }
        let mut names = Vec::new();
        for (curve, colour) in column.curves.iter().zip(COLOURS.iter().cycle()) {
            names.extend(line(&mut chart, question, curve, *colour)?);
        }
        let bottom = chart.plotting_area().get_pixel_range().1.end;
        name(root, names, bottom)
    }

    /// The upper end of a row's axis, the same in all its panels: as far as any interval reaches, in steps of five.
    fn top(&self, question: &Question) -> f64 {
        let points = self.columns.iter().flat_map(|column| &column.curves).flat_map(|curve| &curve.points);
        let most = points.filter_map(|point| (question.share)(&point.comparison)).map(|share| share.most);
        (most.fold(0.0, f64::max) * 20.0).ceil().max(1.0) * 5.0
    }
}

type DrawingError = DrawingAreaErrorKind<<SVGBackend<'static> as DrawingBackend>::ErrorType>;

/// The intervals of a curve.
fn band(chart: &mut Chart<'_, '_>, question: &Question, curve: &Curve, colour: RGBColor) -> Result<(), DrawingError> {
    let end = |pick: fn(Share) -> f64| {
        move |point: &Point| {
            let share = (question.share)(&point.comparison)?;
            Some((number(point.at), pick(share) * 100.0))
        }
    };
    let upper = curve.points.iter().filter_map(end(|share| share.most));
    let lower = curve.points.iter().rev().filter_map(end(|share| share.least));
    let outline: Vec<(f64, f64)> = upper.chain(lower).collect();
    chart.draw_series(std::iter::once(Polygon::new(outline, colour.mix(0.13)))).map(|_| ())
}

/// A curve itself, with a dot for each step; its name belongs where it ends.
fn line(
    chart: &mut Chart<'_, '_>,
    question: &Question,
    curve: &Curve,
    colour: RGBColor,
) -> Result<Option<Name>, DrawingError> {
    let place = |point: &Point| {
        let share = (question.share)(&point.comparison)?;
        Some((number(point.at), share.share * 100.0))
    };
    let places: Vec<(f64, f64)> = curve.points.iter().filter_map(place).collect();
    chart.draw_series(LineSeries::new(places.iter().copied(), colour.stroke_width(2)))?;
    chart.draw_series(places.iter().map(|place| Circle::new(*place, 3, colour.filled())))?;
    let text = curve.team.clone();
    Ok(places.last().map(|end| Name { text, colour, end: chart.plotting_area().map_coordinate(end) }))
}

/// What a curve is called, and where it ends on the picture.
struct Name {
    text: String,
    colour: RGBColor,
    end: (i32, i32),
}

/// Writes names beside the ends of their curves, moved apart where they would overlap.
fn name(root: &Area<'_>, mut names: Vec<Name>, bottom: i32) -> Result<(), DrawingError> {
    names.sort_by_key(|name| name.end.1);
    let heights = spread(&names.iter().map(|name| name.end.1).collect::<Vec<_>>(), bottom);
    for (Name { text, colour, end: (x, y) }, height) in names.iter().zip(heights) {
        root.draw(&PathElement::new(vec![(x + 5, *y), (x + 14, height)], colour.mix(0.6)))?;
        let at = Pos::new(HPos::Left, VPos::Center);
        let style = ("sans-serif", 15).into_font().color(colour).pos(at);
        root.draw_text(text, &style, (x + 17, height))?;
    }
    Ok(())
}

/// Heights in order, at least [`APART`] from each other and none below the bottom, as near to those wanted as may be.
fn spread(wanted: &[i32], bottom: i32) -> Vec<i32> {
    let mut heights = wanted.to_vec();
    let mut least = i32::MIN;
    for height in &mut heights {
        *height = (*height).max(least);
        least = *height + APART;
    }
    let mut most = bottom;
    for height in heights.iter_mut().rev() {
        *height = (*height).min(most);
        most = *height - APART;
    }
    heights
}

#[allow(clippy::cast_precision_loss, reason = "a place on a picture")]
fn number(at: u64) -> f64 {
    at as f64
}

fn pixels(count: u32) -> i32 {
    i32::try_from(count).expect("a picture of a few thousand pixels")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore::fake::{Fake, Sin};
    use crate::explore::{BareHost, Seeds, Sweep};

    fn columns() -> Vec<Curves> {
        let point = |at, every| {
            let report =
                Sweep::of(Seeds::new(0..50).unwrap()).run(&Fake::new("x", Sin::ViolatesEvery(every)), &BareHost);
            Point { at, comparison: Comparison::from(&report) }
        };
        let curve = |team: &str, every| Curve { team: team.to_owned(), points: vec![point(0, every), point(30, 3)] };
        let curves = vec![curve("last_speaker", 2), curve("raft", 7)];
        vec![Curves { axis: "hallucination rate, %", setting: "none".to_owned(), curves }]
    }

    #[test]
    fn the_same_values_give_the_same_picture_which_names_every_team_and_axis() {
        let (columns, caption) = (columns(), ["seeds 0..50".to_owned()]);
        let plot = Plot { title: "Teams", caption: &caption, columns: &columns };
        let svg = plot.svg().unwrap();
        assert_eq!(plot.svg().unwrap(), svg);
        for part in ["last_speaker", "raft", "hallucination rate, %", "Correct decisions, %", "seeds 0..50", "Teams"] {
            assert!(svg.contains(part), "{part} is missing");
        }
        assert!(svg.contains(&super::super::compare::PATIENCE.to_string()), "the heading says how late is late");
        assert!(Plot { columns: &[], ..plot }.svg().is_err());
    }

    #[test]
    fn names_keep_apart_and_above_the_bottom() {
        assert_eq!(spread(&[10, 12, 100], 200), [10, 25, 100]);
        assert_eq!(spread(&[190, 195, 200], 200), [170, 185, 200]);
        assert_eq!(spread(&[], 200), [0; 0]);
    }
}
