//! A short round of each fuzzing target; `make fuzz` runs long ones.

#[path = "../fuzz/mutate.rs"]
mod mutate;
#[path = "../fuzz/targets.rs"]
mod targets;

/// The number of mutations for each target.
const ROUNDS: u64 = 1500;

macro_rules! rounds {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                let target = targets::TARGETS.iter().find(|(name, _)| *name == stringify!($name)).unwrap().1;
                mutate::round(stringify!($name), ROUNDS, target);
            }
        )*

        #[test]
        fn every_target_has_a_round() {
            let names: Vec<&str> = targets::TARGETS.iter().map(|(name, _)| *name).collect();
            assert_eq!(names, [$(stringify!($name)),*]);
            let manifest = include_str!("../fuzz/Cargo.toml");
            let programs: Vec<&str> =
                manifest.split("[[bin]]\nname = \"").skip(1).filter_map(|bin| bin.split('"').next()).collect();
            assert_eq!(names, programs, "fuzz/Cargo.toml");
        }
    };
}

rounds! { container model tokens tokenizer vocabulary text gutenberg encoding document table history vectors config }
