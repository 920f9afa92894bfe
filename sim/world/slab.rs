//! Room for items that stay where they are until they are taken. Knows nothing of what the items are.

/// Items by place. Places are used again, the last freed first, so that a run's hot items stay in few cache lines.
pub(super) struct Slab<T> {
    items: Vec<Option<T>>,
    free: Vec<Place>,
}

/// Room for what a small team has under way at once.
const ROOM: usize = 32;

/// Where an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place(pub(super) u32);

impl<T> Default for Slab<T> {
    fn default() -> Slab<T> {
        Slab { items: Vec::with_capacity(ROOM), free: Vec::with_capacity(ROOM) }
    }
}

impl<T> Slab<T> {
    /// Puts an item in.
    #[inline(always)]
    pub(super) fn insert(&mut self, item: T) -> Place {
        self.room().fill(item)
    }

    /// Room for an item that is yet to be made. Whatever can fail has happened before it is, so that it can be made
    /// where it stays.
    #[inline(always)]
    pub(super) fn room(&mut self) -> Room<'_, T> {
        let place = self.free.pop().unwrap_or_else(|| self.grow());
        Room { place, item: &mut self.items[place.0 as usize] }
    }

    #[cold]
    fn grow(&mut self) -> Place {
        self.items.push(None);
        Place(u32::try_from(self.items.len() - 1).expect("fewer than four billion items at once"))
    }

    /// The item at a place.
    #[inline]
    pub(super) fn get(&self, place: Place) -> &T {
        self.items[place.0 as usize].as_ref().expect(HELD)
    }

    /// The item at a place, to be changed there.
    #[inline]
    pub(super) fn get_mut(&mut self, place: Place) -> &mut T {
        self.items[place.0 as usize].as_mut().expect(HELD)
    }

    /// Takes the item out.
    #[inline(always)]
    pub(super) fn take(&mut self, place: Place) -> T {
        self.free.push(place);
        self.items[place.0 as usize].take().expect(HELD)
    }
}

/// Where an item will be.
#[must_use]
pub(super) struct Room<'a, T> {
    place: Place,
    item: &'a mut Option<T>,
}

impl<T> Room<'_, T> {
    /// Puts the item in.
    #[inline(always)]
    pub(super) fn fill(self, item: T) -> Place {
        // Nothing is there to be dropped, and what is not dropped is written in one go.
        std::mem::forget(self.item.replace(item));
        self.place
    }
}

const HELD: &str = "a place that was given out holds its item";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_holds_its_item_until_it_is_taken_and_is_used_again_then() {
        let mut slab = Slab::default();
        let (first, second) = (slab.insert('a'), slab.insert('b'));
        assert_eq!((*slab.get(first), slab.take(second)), ('a', 'b'));
        assert_eq!(slab.room().fill('c'), second);
        assert_eq!(*slab.get(first), 'a');
    }
}
