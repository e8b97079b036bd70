//! Tables: of data, or only of the page's layout.

use super::attributes::Attributes;
use super::builder::Builder;
use super::stack::Chrome;
use crate::document::Kind;

/// A table whose end is not reached.
#[derive(Debug)]
pub(super) struct OpenTable {
    serial: usize,
    is_presentation: bool,
    /// Not on the page, or around its text.
    is_aside: bool,
    has_table: bool,
    has_header: bool,
    rows: usize,
    /// Of the row that is being read, and the most of any.
    columns: usize,
    most_columns: usize,
    /// How many cells' blocks there were when it began.
    cells: usize,
}

impl Builder {
    /// Begins a table.
    pub(super) fn begin_table(&mut self, serial: usize, attributes: &Attributes, is_hidden: bool, chrome: Chrome) {
        for outer in &mut self.tables {
            outer.has_table = true;
        }
        self.tables.push(OpenTable {
            serial,
            is_presentation: attributes.is("role", "presentation") || attributes.is("role", "none"),
            is_aside: is_hidden || chrome != Chrome::None,
            has_table: false,
            has_header: false,
            rows: 0,
            columns: 0,
            most_columns: 0,
            cells: self.cells.len(),
        });
    }

    /// A part of the innermost table begins.
    pub(super) fn table_part(&mut self, name: &str) {
        let Some(table) = self.tables.last_mut() else { return };
        match name {
            "tr" => {
                table.rows += 1;
                table.columns = 0;
            }
            "td" | "th" => {
                table.columns += 1;
                table.most_columns = table.most_columns.max(table.columns);
                table.has_header |= name == "th";
            }
            "caption" | "thead" => table.has_header = true,
            _ => {}
        }
    }

    /// Ends the table of that element, if it is one.
    pub(super) fn end_table(&mut self, serial: usize) {
        let Some(table) = self.tables.pop_if(|table| table.serial == serial) else { return };
        if table.is_data() {
            self.document.tables += usize::from(!table.is_aside);
            self.cells.truncate(table.cells);
            return;
        }
        for block in self.cells.drain(table.cells.min(self.cells.len())..) {
            if let Some(block) = self.document.blocks.get_mut(block) {
                block.kind = Kind::Paragraph;
            }
        }
    }
}

impl OpenTable {
    /// Chosen, after what screen readers go by: a header tells data, a table within it layout, else two rows of two columns are data.
    fn is_data(&self) -> bool {
        !self.is_presentation && (self.has_header || (!self.has_table && self.rows > 1 && self.most_columns > 1))
    }
}
