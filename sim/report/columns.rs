//! Aligned columns of text. Knows widths, not what the cells mean.

use std::fmt::Write;

/// How a column stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Right,
}

/// A column's heading, side and greatest width; longer cells wrap at spaces.
pub(super) struct Column {
    pub(super) heading: &'static str,
    pub(super) align: Align,
    pub(super) most: usize,
}

/// Columns are two spaces apart.
const GAP: &str = "  ";

/// Lays out a heading, a rule, and rows of one cell for each column.
pub(super) fn lay_out(columns: &[Column], rows: &[Vec<String>]) -> String {
    let headings: Vec<String> = columns.iter().map(|column| column.heading.to_owned()).collect();
    let wrapped: Vec<Vec<Vec<String>>> =
        std::iter::once(&headings).chain(rows).map(|row| wrap_row(columns, row)).collect();
    let width = |column: usize| wrapped.iter().flat_map(|row| &row[column]).map(|line| letters(line)).max();
    let widths: Vec<usize> = (0..columns.len()).map(|column| width(column).unwrap_or(0)).collect();
    let mut text = String::new();
    for (number, row) in wrapped.iter().enumerate() {
        put_row(&mut text, columns, &widths, row);
        if number == 0 {
            let rules: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
            writeln!(text, "{}", rules.join(GAP)).expect("writing to a string cannot fail");
        }
    }
    text
}

fn put_row(text: &mut String, columns: &[Column], widths: &[usize], row: &[Vec<String>]) {
    let height = row.iter().map(Vec::len).max().unwrap_or(0);
    for number in 0..height {
        let cells: Vec<String> = columns
            .iter()
            .zip(widths)
            .zip(row)
            .map(|((column, width), lines)| {
                let line = lines.get(number).map_or("", String::as_str);
                match column.align {
                    Align::Left => format!("{line:<width$}"),
                    Align::Right => format!("{line:>width$}"),
                }
            })
            .collect();
        text.push_str(cells.join(GAP).trim_end());
        text.push('\n');
    }
}

fn wrap_row(columns: &[Column], row: &[String]) -> Vec<Vec<String>> {
    columns.iter().zip(row).map(|(column, cell)| wrap(cell, column.most)).collect()
}

/// Breaks a text at line ends, and at spaces wherever a line would be longer than `most` letters.
pub(super) fn wrap(text: &str, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split(' ') {
            if !line.is_empty() && letters(&line) + 1 + letters(word) > most {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    lines
}

fn letters(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_wrap_at_spaces_and_columns_line_up() {
        let columns = [
            Column { heading: "name", align: Align::Left, most: 9 },
            Column { heading: "seeds", align: Align::Right, most: 9 },
        ];
        let rows = [vec!["violates agreement".to_owned(), "7".to_owned()], vec!["raft".to_owned(), "1,000".to_owned()]];
        assert_eq!(
            lay_out(&columns, &rows),
            "name       seeds\n─────────  ─────\nviolates       7\nagreement\nraft       1,000\n"
        );
    }
}
