//! Rows to CSV bytes that Excel opens correctly and that no spreadsheet runs.
//!
//! UTF-8 with a byte order mark (without it Excel reads æøå wrong), CRLF after each record, every cell
//! in quotes: what is quoted stays one cell even where a spreadsheet expects another delimiter, so
//! `a,=1+1` in a `;` file never becomes a cell of its own.
//!
//! Never in here: where rows come from, more than one row in memory, and any change of a cell other
//! than the one rule of [`defuse`].

mod formula;

use std::io::{self, Write};

pub use formula::{defuse, restore};

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Writes one CSV file to a sink, row by row.
#[derive(Debug)]
pub struct CsvWriter<W: Write> {
    records: csv::Writer<W>,
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
        let records = csv::WriterBuilder::new()
            .delimiter(delimiter)
            .quote_style(csv::QuoteStyle::Always)
            .terminator(csv::Terminator::CRLF)
            .from_writer(sink);
        let mut writer = Self { records };
        writer.write_row(columns)?;
        Ok(writer)
    }

    /// Writes a record, its cells [defused](defuse).
    ///
    /// # Errors
    /// When the sink fails, or the row has more or fewer cells than there are columns.
    pub fn write_row<C: AsRef<str>>(
        &mut self,
        cells: impl IntoIterator<Item = C>,
    ) -> io::Result<()> {
        for cell in cells {
            self.records.write_field(defuse(cell.as_ref()).as_bytes())?;
        }
        // Ends the record.
        Ok(self.records.write_record(None::<&[u8]>)?)
    }

    /// Writes out what is still buffered and gives the sink back.
    ///
    /// # Errors
    /// When the sink fails: the file is incomplete then.
    pub fn finish(self) -> io::Result<W> {
        self.records
            .into_inner()
            .map_err(csv::IntoInnerError::into_error)
    }
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
            writer.write_row(row).unwrap();
        }
        writer.finish().unwrap()
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
        writer.write_row(["1", "Bjørg \"Bo\" Æs; Øy"]).unwrap();
        writer.write_row(["-2", "=1+1"]).unwrap();
        let text = String::from_utf8(writer.finish().unwrap()).unwrap();
        let expected =
            "\u{feff}\"id\";\"name\"\r\n\"1\";\"Bjørg \"\"Bo\"\" Æs; Øy\"\r\n\"-2\";\"'=1+1\"\r\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn a_row_of_another_length_is_refused() {
        let mut writer = CsvWriter::new(Vec::new(), ';', ["id", "name"]).unwrap();
        assert!(writer.write_row(["1"]).is_err());
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
    fn a_sink_that_fails_at_the_end_is_not_taken_for_a_whole_file() {
        let mut small = [0; 10];
        let writer = CsvWriter::new(small.as_mut_slice(), ';', ["id", "name"]).unwrap();
        assert!(writer.finish().is_err());
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
