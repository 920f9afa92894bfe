//! Room for items that stay where they are until they are taken. Knows nothing of what the items are.

/// Items by place. Places are used again, the last freed first, so that a run's hot items stay in few cache lines.
pub(super) struct Slab<T> {
    items: Vec<Option<T>>,
    free: Vec<Place>,
}

/// Where an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place(pub(super) u32);

impl<T> Default for Slab<T> {
    fn default() -> Slab<T> {
        Slab { items: Vec::new(), free: Vec::new() }
    }
}

impl<T> Slab<T> {
    /// Puts an item in.
    #[inline(always)]
    pub(super) fn insert(&mut self, item: T) -> Place {
        match self.free.pop() {
            Some(place) => {
                // Nothing is there to be dropped, and what is not dropped is written in one go.
                std::mem::forget(self.items[place.0 as usize].replace(item));
                place
            }
            None => {
                self.items.push(Some(item));
                Place(u32::try_from(self.items.len() - 1).expect("fewer than four billion items at once"))
            }
        }
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

const HELD: &str = "a place that was given out holds its item";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_holds_its_item_until_it_is_taken_and_is_used_again_then() {
        let mut slab = Slab::default();
        let (first, second) = (slab.insert('a'), slab.insert('b'));
        assert_eq!((*slab.get(first), slab.take(second)), ('a', 'b'));
        assert_eq!(slab.insert('c'), second);
        assert_eq!(*slab.get(first), 'a');
    }
}
