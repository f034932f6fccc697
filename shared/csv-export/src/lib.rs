//! Rows to CSV bytes that a spreadsheet opens correctly and never runs.
//!
//! UTF-8 with a byte order mark (without it Excel reads æøå wrong) and CRLF after each record. Texts stand
//! in quotes, always: what is quoted stays one cell even where a spreadsheet expects another delimiter, so
//! `a,=1+1` in a `;` file never becomes a cell of its own. Numbers, dates and times stand without, so that
//! a spreadsheet which is told to take quoted cells as text (LibreOffice's "Format quoted field as text")
//! keeps `0150` and `+4722334455` as they are and still calculates with the rest. An empty text is `""`, no
//! value at all is nothing.
//!
//! A file that could not be finished ends in the line [`INCOMPLETE`].
//!
//! Never in here: where rows come from, more than one row in memory, and any change of a text other
//! than the one rule of [`defuse`].

mod formula;

use std::io::{self, Write};

pub use formula::{defuse, restore};

/// The last line of a file that could not be finished.
pub const INCOMPLETE: &str = "#INCOMPLETE";

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();
const END: &[u8] = b"\r\n";

/// One cell of a row.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Cell<'a> {
    /// No value.
    Empty,
    /// A text, which is [defused](defuse) and quoted.
    Text(&'a str),
    /// A number, a date or a time: digits with the signs between them. Anything else is written as a text.
    Figure(&'a str),
}

/// Writes one CSV file to a sink, row by row.
#[derive(Debug)]
pub struct CsvWriter<W: Write> {
    sink: W,
    delimiter: u8,
    columns: usize,
    /// The row being put together.
    line: Vec<u8>,
}

impl<W: Write> CsvWriter<W> {
    /// Begins a file: the byte order mark and a record of the columns' names.
    ///
    /// # Errors
    /// When the sink fails, or `delimiter` is not an ASCII character or is one that stands for
    /// something else in a CSV file: `"`, CR, LF, NUL. Nothing is written then.
    pub fn new<C: AsRef<str>>(
        mut sink: W,
        delimiter: char,
        columns: impl IntoIterator<Item = C>,
    ) -> io::Result<Self> {
        let delimiter = u8::try_from(delimiter)
            .ok()
            .filter(|byte| byte.is_ascii() && !b"\"\r\n\0".contains(byte))
            .ok_or_else(|| {
                io::Error::new(
                    io::ErrorKind::InvalidInput,
                    "a CSV delimiter is one ASCII character, and neither a double quote nor a line \
                     break nor NUL; use `;`, `,` or a TAB",
                )
            })?;
        sink.write_all(BYTE_ORDER_MARK)?;
        let mut writer = Self {
            sink,
            delimiter,
            columns: 0,
            line: Vec::new(),
        };
        for column in columns {
            writer.columns += 1;
            writer.add(Cell::Text(column.as_ref()));
        }
        writer.end_row()?;
        Ok(writer)
    }

    /// Writes a record.
    ///
    /// # Errors
    /// When the sink fails, or the row has more or fewer cells than there are columns; nothing of it is
    /// written then.
    pub fn write_row<'c>(&mut self, cells: impl IntoIterator<Item = Cell<'c>>) -> io::Result<()> {
        let mut count = 0;
        for cell in cells {
            count += 1;
            self.add(cell);
        }
        if count != self.columns {
            self.line.clear();
            let what = format!("a row has {count} cells, expected {}", self.columns);
            return Err(io::Error::new(io::ErrorKind::InvalidInput, what));
        }
        self.end_row()
    }

    /// Ends the file as one that could not be finished.
    ///
    /// # Errors
    /// When the sink fails.
    pub fn abandon(&mut self) -> io::Result<()> {
        self.sink.write_all(INCOMPLETE.as_bytes())?;
        self.sink.write_all(END)
    }

    /// Where the file goes.
    pub fn sink(&mut self) -> &mut W {
        &mut self.sink
    }

    /// Gives the sink back.
    pub fn finish(self) -> W {
        self.sink
    }

    fn add(&mut self, cell: Cell<'_>) {
        match cell {
            Cell::Empty => {}
            Cell::Figure(text) if is_figure(text) => self.line.extend_from_slice(text.as_bytes()),
            Cell::Text(text) | Cell::Figure(text) => self.quote(&defuse(text)),
        }
        self.line.push(self.delimiter);
    }

    fn quote(&mut self, text: &str) {
        self.line.push(b'"');
        for (index, part) in text.split('"').enumerate() {
            if index > 0 {
                self.line.extend_from_slice(b"\"\"");
            }
            self.line.extend_from_slice(part.as_bytes());
        }
        self.line.push(b'"');
    }

    fn end_row(&mut self) -> io::Result<()> {
        // The last delimiter is one too many.
        self.line.pop();
        self.line.extend_from_slice(END);
        let written = self.sink.write_all(&self.line);
        self.line.clear();
        written
    }
}

/// Whether a spreadsheet can make nothing but a number, a date or a time of it.
fn is_figure(text: &str) -> bool {
    let first = text.strip_prefix('-').unwrap_or(text);
    first.starts_with(|c: char| c.is_ascii_digit())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b"-+.: eE".contains(&byte))
        && (!text.starts_with('-') || defuse(text) == text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(delimiter: char, rows: &[Vec<String>]) -> Vec<u8> {
        let columns = rows.first().map_or(0, Vec::len);
        let header = (0..columns).map(|column| format!("column_{column}"));
        let mut writer = CsvWriter::new(Vec::new(), delimiter, header).unwrap();
        for row in rows {
            writer.write_row(texts(row)).unwrap();
        }
        writer.finish()
    }

    fn texts<T: AsRef<str>>(row: &[T]) -> impl Iterator<Item = Cell<'_>> {
        row.iter().map(|text| Cell::Text(text.as_ref()))
    }

    /// The cells as another program reads them, restored.
    fn read_back(delimiter: char, bytes: &[u8]) -> Vec<Vec<String>> {
        let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap();
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(u8::try_from(delimiter).unwrap())
            .from_reader(bytes);
        let cells = |record: csv::StringRecord| {
            record.iter().map(|cell| restore(cell).to_owned()).collect()
        };
        reader
            .records()
            .map(|record| cells(record.unwrap()))
            .collect()
    }

    #[test]
    fn a_file_begins_with_a_byte_order_mark_and_ends_each_record_with_crlf() {
        let mut writer = CsvWriter::new(Vec::new(), ';', ["id", "name"]).unwrap();
        writer
            .write_row(texts(&["1", "Bjørg \"Bo\" Æs; Øy"]))
            .unwrap();
        writer.write_row(texts(&["-2", "=1+1"])).unwrap();
        let text = String::from_utf8(writer.finish()).unwrap();
        let expected =
            "\u{feff}\"id\";\"name\"\r\n\"1\";\"Bjørg \"\"Bo\"\" Æs; Øy\"\r\n\"-2\";\"'=1+1\"\r\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn a_row_of_another_length_is_refused() {
        let mut writer = CsvWriter::new(Vec::new(), ';', ["id", "name"]).unwrap();
        assert!(writer.write_row(texts(&["1"])).is_err());
        assert!(writer.write_row(texts(&["1", "2", "3"])).is_err());
        writer.write_row(texts(&["1", "2"])).unwrap();
        assert!(writer.finish().ends_with(b"\"name\"\r\n\"1\";\"2\"\r\n"));
    }

    #[test]
    fn figures_stand_without_quotes_and_what_is_none_is_a_text() {
        let mut writer = CsvWriter::new(Vec::new(), ',', ["a"]).unwrap();
        for (cell, expected) in [
            (Cell::Empty, ""),
            (Cell::Text(""), "\"\""),
            (Cell::Figure("-12.50"), "-12.50"),
            (Cell::Figure("1E-7"), "1E-7"),
            (Cell::Figure("2026-01-31"), "2026-01-31"),
            (Cell::Figure("2026-01-31 10:20:30"), "2026-01-31 10:20:30"),
            (Cell::Figure("1,5"), "\"1,5\""),
            (Cell::Figure("=1+1"), "\"'=1+1\""),
            (Cell::Figure("-1-1"), "\"'-1-1\""),
            (Cell::Figure("+1"), "\"+1\""),
            (Cell::Figure("1\r\n2"), "\"1\r\n2\""),
            (Cell::Figure(""), "\"\""),
        ] {
            writer.sink().clear();
            writer.write_row([cell]).unwrap();
            let line = String::from_utf8(writer.sink().clone()).unwrap();
            assert_eq!(line, format!("{expected}\r\n"), "{cell:?}");
        }
    }

    #[test]
    fn a_file_that_is_abandoned_says_so_in_its_last_line() {
        let mut writer = CsvWriter::new(Vec::new(), ';', ["id"]).unwrap();
        writer.write_row(texts(&["1"])).unwrap();
        writer.abandon().unwrap();
        assert!(writer.finish().ends_with(b"\"1\"\r\n#INCOMPLETE\r\n"));
    }

    #[test]
    fn a_delimiter_beyond_ascii_or_with_a_meaning_of_its_own_is_refused_and_nothing_written() {
        for delimiter in ['§', '；', '"', '\r', '\n', '\0'] {
            let mut sink = Vec::new();
            let refused = CsvWriter::new(&mut sink, delimiter, ["id"]);
            assert!(refused.is_err(), "{delimiter:?}");
            drop(refused);
            assert_eq!(sink, b"", "{delimiter:?}");
        }
    }

    #[test]
    fn a_sink_that_fails_is_not_taken_for_a_whole_file() {
        let mut small = [0; 10];
        assert!(CsvWriter::new(small.as_mut_slice(), ';', ["id", "name"]).is_err());
    }

    #[test]
    fn a_cell_that_breaks_out_under_another_delimiter_stays_one_cell() {
        let rows = vec![vec!["a,=1+1".to_owned(), "b\t=1+1".to_owned()]];
        let text = String::from_utf8(written(';', &rows)).unwrap();
        assert!(text.contains("\"a,=1+1\";\"b\t=1+1\""), "{text}");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back_at_every_delimiter(
            delimiter in prop::sample::select(vec![';', ',', '\t', '|']),
            rows in prop::collection::vec(prop::collection::vec("[a=+@'\";,|\t\r\n ÆØå😀-]{0,8}", 3), 1..6),
        ) {
            prop_assert_eq!(read_back(delimiter, &written(delimiter, &rows)), rows);
        }
    }
}
