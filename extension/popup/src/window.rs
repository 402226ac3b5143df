//! Which rows of a long list are on screen. All lengths are CSS pixels.
//!
//! ```text
//! header of the site's section      (only where it has rows)
//! rows 0 .. site
//! header of all items
//! rows site .. site + total
//! ```

use std::ops::Range;

/// Height of a row.
pub(crate) const ROW: u32 = 52;
/// Height of a section's header.
pub(crate) const HEADER: u32 = 32;
/// Rows drawn beyond each edge, so that a quick scroll shows no gap.
const OVERSCAN: u32 = 4;

/// The list's two sections.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Layout {
    /// Rows of the first section.
    pub site: u32,
    /// Rows of the second.
    pub total: u32,
}

impl Layout {
    /// Rows of both.
    pub(crate) fn rows(self) -> u32 {
        self.site + self.total
    }

    /// Height of everything.
    pub(crate) fn height(self) -> u32 {
        self.second_header()
            + if self.total > 0 {
                HEADER + self.total * ROW
            } else {
                0
            }
    }

    /// Where the second section's header begins.
    pub(crate) fn second_header(self) -> u32 {
        if self.site > 0 {
            HEADER + self.site * ROW
        } else {
            0
        }
    }

    /// Where a row begins.
    pub(crate) fn top(self, row: u32) -> u32 {
        if row < self.site {
            HEADER + row * ROW
        } else {
            self.second_header() + HEADER + (row - self.site) * ROW
        }
    }

    /// The rows to draw.
    pub(crate) fn visible(self, scrolled: u32, viewport: u32) -> Range<u32> {
        let first = self.row_at(scrolled).saturating_sub(OVERSCAN);
        let last = self.row_at(scrolled.saturating_add(viewport)) + 1 + OVERSCAN;
        first.min(self.rows())..last.min(self.rows())
    }

    /// Where to scroll so that a row is seen whole; `None` where it is already.
    pub(crate) fn reveal(self, row: u32, scrolled: u32, viewport: u32) -> Option<u32> {
        let top = self.top(row);
        let bottom = top + ROW;
        // The first row of a section brings its header along.
        let wanted_top = if row == 0 || row == self.site {
            top - HEADER
        } else {
            top
        };
        if wanted_top < scrolled {
            Some(wanted_top)
        } else if bottom > scrolled + viewport {
            Some(bottom.saturating_sub(viewport))
        } else {
            None
        }
    }

    /// The row at or right below a height.
    fn row_at(self, height: u32) -> u32 {
        if height < self.second_header() {
            height.saturating_sub(HEADER) / ROW
        } else {
            self.site + (height - self.second_header()).saturating_sub(HEADER) / ROW
        }
    }
}

/// Pages of `size` rows that a range of rows lies on.
pub(crate) fn pages(rows: Range<u32>, size: u32) -> Range<u32> {
    if rows.is_empty() {
        0..0
    } else {
        rows.start / size..(rows.end - 1) / size + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Layout = Layout {
        site: 2,
        total: 5000,
    };

    #[test]
    fn rows_follow_their_headers() {
        assert_eq!(LONG.top(0), HEADER);
        assert_eq!(LONG.top(2), HEADER + 2 * ROW + HEADER);
        assert_eq!(LONG.height(), 2 * HEADER + 5002 * ROW);
        assert_eq!(Layout { site: 0, total: 1 }.top(0), HEADER);
        assert_eq!(Layout { site: 1, total: 0 }.height(), HEADER + ROW);
        assert_eq!(Layout::default().height(), 0);
    }

    #[test]
    fn few_rows_are_drawn_and_all_that_are_seen_are_among_them() {
        for scrolled in [0, 1, HEADER, 140, 141, 5000, 100_000, LONG.height() - 500] {
            let drawn = LONG.visible(scrolled, 500);
            assert!(drawn.len() < 25, "{scrolled}: {drawn:?}");
            for row in 0..LONG.rows() {
                let seen = LONG.top(row) + ROW > scrolled && LONG.top(row) < scrolled + 500;
                assert!(
                    !seen || drawn.contains(&row),
                    "{scrolled}: row {row} is missing"
                );
            }
        }
    }

    #[test]
    fn an_empty_list_draws_nothing() {
        assert!(Layout::default().visible(0, 500).is_empty());
    }

    #[test]
    fn moving_scrolls_only_as_far_as_needed() {
        assert_eq!(LONG.reveal(3, 0, 500), None);
        assert_eq!(LONG.reveal(20, 0, 500), Some(LONG.top(20) + ROW - 500));
        assert_eq!(LONG.reveal(20, 2000, 500), Some(LONG.top(20)));
        assert_eq!(LONG.reveal(0, 2000, 500), Some(0));
        assert_eq!(LONG.reveal(2, 2000, 500), Some(LONG.second_header()));
    }

    #[test]
    fn pages_cover_the_rows() {
        assert_eq!(pages(0..0, 200), 0..0);
        assert_eq!(pages(0..200, 200), 0..1);
        assert_eq!(pages(199..201, 200), 0..2);
    }
}
