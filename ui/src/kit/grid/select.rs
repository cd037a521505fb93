//! A rectangle of cells. Pure.

/// From the cell where it began to the one where it ends, both in it; rows and columns count from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Selection {
    from: (u64, usize),
    to: (u64, usize),
}

impl Selection {
    pub fn cell(row: u64, column: usize) -> Self {
        Self { from: (row, column), to: (row, column) }
    }

    /// The same beginning, another end.
    pub fn to(self, row: u64, column: usize) -> Self {
        Self { to: (row, column), ..self }
    }

    pub fn end(self) -> (u64, usize) {
        self.to
    }

    /// First and last row.
    pub fn rows(self) -> (u64, u64) {
        (self.from.0.min(self.to.0), self.from.0.max(self.to.0))
    }

    /// First and last column.
    pub fn columns(self) -> (usize, usize) {
        (self.from.1.min(self.to.1), self.from.1.max(self.to.1))
    }

    pub fn holds(self, row: u64, column: usize) -> bool {
        let (rows, columns) = (self.rows(), self.columns());
        (rows.0..=rows.1).contains(&row) && (columns.0..=columns.1).contains(&column)
    }

    pub fn num_cells(self) -> u64 {
        let (rows, columns) = (self.rows(), self.columns());
        (rows.1 - rows.0 + 1) * (columns.1 - columns.0 + 1) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::Selection;

    #[test]
    fn a_selection_may_grow_backwards() {
        let selection = Selection::cell(5, 3).to(2, 4);
        assert_eq!((selection.rows(), selection.columns(), selection.num_cells()), ((2, 5), (3, 4), 8));
        assert!(selection.holds(5, 4) && !selection.holds(5, 2));
        assert_eq!(selection.to(9, 3).rows(), (5, 9));
    }
}
