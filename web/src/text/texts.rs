//! A table of fixed texts as an enum: a name, English, Korean. What lacks a
//! language does not compile.

macro_rules! texts {
    ($(#[$about:meta])* $kind:ident: $($name:ident = $en:literal, $ko:literal;)*) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $kind {
            $(#[doc = $en] $name,)*
        }

        impl $kind {
            /// All of them.
            pub const ALL: &'static [$kind] = &[$($kind::$name,)*];

            /// It in one language.
            pub fn say(self, lang: $crate::text::Lang) -> &'static str {
                match (self, lang) {
                    $(
                        ($kind::$name, $crate::text::Lang::En) => $en,
                        ($kind::$name, $crate::text::Lang::Ko) => $ko,
                    )*
                }
            }
        }

        impl $crate::text::Words for $kind {
            fn in_lang(self, lang: $crate::text::Lang) -> &'static str {
                self.say(lang)
            }
        }
    };
}
