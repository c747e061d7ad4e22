//! A change that is too large to be held at once.

use super::RosterChange;

/// A change, piece by piece. Each piece is applied by itself, in the order in which they come, and
/// all of them are seen at once.
pub trait RosterPieces {
    /// How many records all pieces together touch.
    fn records(&self) -> usize;

    /// Whether the roster stays as it is.
    fn changes_nothing(&self) -> bool;

    /// The next piece; none at the end.
    ///
    /// # Errors
    /// When it cannot be read from where it is kept.
    fn next_piece(&mut self) -> std::io::Result<Option<RosterChange>>;
}

/// One piece.
impl RosterPieces for RosterChange {
    fn records(&self) -> usize {
        Self::records(self)
    }

    fn changes_nothing(&self) -> bool {
        self.is_empty()
    }

    fn next_piece(&mut self) -> std::io::Result<Option<RosterChange>> {
        let piece = std::mem::take(self);
        Ok(Some(piece).filter(|piece| !piece.is_empty() || !piece.digests.is_empty()))
    }
}

/// What there is much of is best handed on in a box.
impl<P: RosterPieces + ?Sized> RosterPieces for Box<P> {
    fn records(&self) -> usize {
        (**self).records()
    }

    fn changes_nothing(&self) -> bool {
        (**self).changes_nothing()
    }

    fn next_piece(&mut self) -> std::io::Result<Option<RosterChange>> {
        (**self).next_piece()
    }
}
