//! How a failure came about, as a picture: a step at every instant, its interval behind it, the events of each jump
//! beside it. Draws what it is given; the same counts give the same bytes.

use super::interval::Share;
use super::plot::PlotError;
use super::why::jumps;
use crate::explore::{Causality, Instant};
use plotters::coord::Shift;
use plotters::prelude::*;

/// The whole picture in pixels.
const SIZE: (u32, u32) = (1_000, 460);
const INK: RGBColor = RGBColor(40, 40, 40);
const LINE: RGBColor = RGBColor(213, 94, 0);
/// Letters of an event beside its jump.
const WIDEST: usize = 90;

type Failed = DrawingAreaErrorKind<<SVGBackend<'static> as DrawingBackend>::ErrorType>;

/// The picture as a document of its own.
///
/// # Errors
/// If there is nothing to draw.
pub fn causality_svg(why: &Causality) -> Result<String, PlotError> {
    if why.instants.is_empty() {
        return Err(PlotError::new("no instant was looked at"));
    }
    let mut text = String::new();
    {
        let root = SVGBackend::with_string(&mut text, SIZE).into_drawing_area();
        draw(&root, why).map_err(|error| PlotError::new(error.to_string()))?;
    }
    Ok(text)
}

fn draw(root: &DrawingArea<SVGBackend<'_>, Shift>, why: &Causality) -> Result<(), Failed> {
    root.fill(&WHITE)?;
    let last = why.instants.last().map_or(1.0, seconds).max(1e-6);
    let title = format!("{}, seed {}: {} becomes inevitable", why.scenario, why.seed, why.fails.property);
    let mut chart = ChartBuilder::on(root)
        .margin(16)
        .caption(title, ("sans-serif", 20).into_font().color(&INK))
        .x_label_area_size(40)
        .y_label_area_size(48)
        .build_cartesian_2d(0.0..last, 0.0..100.0)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .x_desc("all is as in the failing run up to this instant, seconds")
        .y_desc("runs that fail, %")
        .draw()?;
    let shares: Vec<(f64, Share)> =
        why.instants.iter().filter_map(|one| Some((seconds(one), Share::of(one.failed, one.tries)?))).collect();
    let band = shares.windows(2).map(|pair| {
        let (from, share, to) = (pair[0].0, pair[0].1, pair[1].0);
        Rectangle::new([(from, share.least * 100.0), (to, share.most * 100.0)], LINE.mix(0.15).filled())
    });
    chart.draw_series(band)?;
    let steps = shares.windows(2).flat_map(|pair| {
        let height = pair[0].1.share * 100.0;
        [(pair[0].0, height), (pair[1].0, height)]
    });
    let end = shares.last().map(|(at, share)| (*at, share.share * 100.0));
    chart.draw_series(LineSeries::new(steps.chain(end), LINE.stroke_width(2)))?;
    let mut height = 92.0;
    for pair in why.instants.windows(2).filter(|pair| jumps(&pair[0], &pair[1])) {
        for event in &pair[0].events {
            let told: String = event.chars().take(WIDEST).collect();
            let font = ("sans-serif", 12).into_font().color(&INK);
            chart.draw_series(std::iter::once(Text::new(told, (last * 0.01, height), font)))?;
            height -= 5.0;
        }
    }
    root.present()
}

#[allow(clippy::cast_precision_loss, reason = "a coordinate")]
fn seconds(instant: &Instant) -> f64 {
    instant.at.0 as f64 / 1e9
}

#[cfg(test)]
mod tests {
    use super::super::why::tests::example;
    use super::*;

    #[test]
    fn the_picture_shows_the_curve_and_names_what_happened_at_its_jump() {
        let svg = causality_svg(&example()).expect("a picture");
        assert!(svg.starts_with("<svg") && svg.contains("a3 fault begins") && !svg.contains("a1 starts"), "{svg}");
        assert_eq!(svg, causality_svg(&example()).expect("a picture"));
        let empty = Causality { instants: Vec::new(), ..example() };
        assert!(causality_svg(&empty).is_err());
    }
}
