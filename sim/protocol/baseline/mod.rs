//! Today's usual ways to decide, built as honestly as the real ones.
