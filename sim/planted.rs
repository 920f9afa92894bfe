//! Bugs put in on purpose: how whoever has some lists them, and asks after them. Knows no bug.

/// Answers a question with `true`, unless this bug of the protocol's own `Planted` is planted.
macro_rules! unless_planted {
    ($config:expr, $bug:ident) => {{
        #[cfg(feature = "planted")]
        let sound = $config.planted != Some(Planted::$bug);
        #[cfg(not(feature = "planted"))]
        let sound = {
            let _ = $config;
            true
        };
        sound
    }};
}

/// A protocol's planted bugs, numbered for good: an enum with the feature `planted`, nothing without it.
macro_rules! bugs {
    ($($number:literal = $bug:ident, $about:literal;)*) => {
        /// One small mistake each, all made by real implementations.
        #[cfg(feature = "planted")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Planted {
            $(#[doc = $about] $bug,)*
        }

        #[cfg(feature = "planted")]
        impl Planted {
            /// Every planted bug.
            pub const ALL: &[Planted] = &[$(Planted::$bug),*];
        }

        #[cfg(feature = "planted")]
        crate::digestible! { enum Planted { $($number = $bug,)* } }
    };
}
