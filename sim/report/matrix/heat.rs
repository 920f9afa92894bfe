//! The matrix as a picture: a row for each pattern, a column for each store and channel, as dark as often as the team
//! was wrong or undecided. Draws what it is given and computes nothing.

use super::cell::Cell;
use crate::report::plot::PlotError;
use crate::scenario::{Level, Sequence};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// A heat map.
pub struct Heat<'a> {
    /// What it is about.
    pub title: &'a str,
    /// Under what it was found.
    pub caption: &'a str,
    /// The cells.
    pub cells: &'a [Cell],
}

/// One store on one channel, in pixels.
const TILE: (i32, i32) = (66, 54);
/// Room for patterns' names, for the title and headings, and for the caption.
const LEFT: i32 = 110;
const TOP: i32 = 96;
const BOTTOM: i32 = 44;

const INK: RGBColor = RGBColor(40, 40, 40);
/// Where nothing was wrong, and where everything was: light to dark, so that it can be read in grey, too.
const BEST: [u8; 3] = [247, 251, 255];
const WORST: [u8; 3] = [8, 48, 107];

const SEQUENCES: i32 = 4;
const COLUMNS: i32 = 16;

type Failure = DrawingAreaErrorKind<<SVGBackend<'static> as DrawingBackend>::ErrorType>;

impl Heat<'_> {
    /// The picture as a document of its own.
    ///
    /// # Errors
    /// If there is nothing to draw.
    pub fn svg(&self) -> Result<String, PlotError> {
        if self.cells.is_empty() {
            return Err(PlotError::new("no pattern was swept"));
        }
        let patterns = self.patterns();
        let rows = i32::try_from(patterns.len()).expect("a few patterns");
        let size = (LEFT + TILE.0 * COLUMNS + 20, TOP + TILE.1 * rows + BOTTOM);
        let size = (size.0.unsigned_abs(), size.1.unsigned_abs());
        let mut text = String::new();
        {
            let root = SVGBackend::with_string(&mut text, size).into_drawing_area();
            self.draw(&root, &patterns).map_err(|error| PlotError::new(error.to_string()))?;
        }
        Ok(text)
    }

    fn patterns(&self) -> Vec<&'static str> {
        let mut patterns: Vec<&'static str> = self.cells.iter().map(|cell| cell.pattern).collect();
        patterns.dedup();
        patterns
    }

    fn draw(
        &self,
        root: &DrawingArea<SVGBackend<'_>, plotters::coord::Shift>,
        patterns: &[&'static str],
    ) -> Result<(), Failure> {
        root.fill(&WHITE)?;
        let left = Pos::new(HPos::Left, VPos::Center);
        let middle = Pos::new(HPos::Center, VPos::Center);
        let style = |size: i32, colour: RGBColor, at: Pos| ("sans-serif", size).into_font().color(&colour).pos(at);
        root.draw_text(self.title, &style(22, INK, left), (14, 22))?;
        for (store, level) in (0..).zip(Level::ALL) {
            let x = LEFT + TILE.0 * (SEQUENCES * store) + TILE.0 * SEQUENCES / 2;
            root.draw_text(level.name(), &style(16, INK, middle), (x, TOP - 38))?;
            for (place, sequence) in (0..).zip(Sequence::ALL) {
                let x = LEFT + TILE.0 * (SEQUENCES * store + place) + TILE.0 / 2;
                root.draw_text(sequence.name(), &style(12, INK, middle), (x, TOP - 14))?;
            }
        }
        for (row, pattern) in (0..).zip(patterns) {
            let y = TOP + TILE.1 * row;
            root.draw_text(pattern, &style(15, INK, left), (14, y + TILE.1 / 2))?;
            for cell in self.cells.iter().filter(|cell| cell.pattern == *pattern) {
                let (from, wide) = place_of(cell);
                let (x, w) = (LEFT + TILE.0 * from, TILE.0 * wide);
                let share = cell.right.map_or(0.0, |right| right.share);
                let area = Rectangle::new([(x, y), (x + w - 2, y + TILE.1 - 2)], shade(1.0 - share).filled());
                root.draw(&area)?;
                let ink = if share < 0.5 { WHITE } else { INK };
                let label = match (cell.rung.store, cell.rung.channel) {
                    (None, Some(sequence)) => format!("{sequence}: {:.1}", share * 100.0),
                    _ => format!("{:.1}", share * 100.0),
                };
                root.draw_text(&label, &style(14, ink, middle), (x + w / 2, y + TILE.1 / 2))?;
            }
        }
        let rows = i32::try_from(patterns.len()).expect("a few patterns");
        root.draw_text(self.caption, &style(13, INK, left), (14, TOP + TILE.1 * rows + 20))?;
        root.present()
    }
}

/// Where a cell begins, and how many columns it takes: a pattern without a channel takes all of a store's, one without
/// a store as many for each channel.
fn place_of(cell: &Cell) -> (i32, i32) {
    let store = cell.rung.store.and_then(|store| Level::ALL.iter().position(|level| *level == store));
    let channel = cell.rung.channel.and_then(|channel| Sequence::ALL.iter().position(|sequence| *sequence == channel));
    let place = |place: usize| i32::try_from(place).expect("one of four");
    match (store, channel) {
        (Some(store), Some(channel)) => (SEQUENCES * place(store) + place(channel), 1),
        (Some(one), None) | (None, Some(one)) => (SEQUENCES * place(one), SEQUENCES),
        (None, None) => (0, COLUMNS),
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between two bytes")]
fn shade(wrong: f64) -> RGBColor {
    let mix = |place: usize| {
        let (best, worst) = (f64::from(BEST[place]), f64::from(WORST[place]));
        (best + (worst - best) * wrong.clamp(0.0, 1.0)).round() as u8
    };
    RGBColor(mix(0), mix(1), mix(2))
}
