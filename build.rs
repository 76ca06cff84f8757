//! Tells the linker where rnn-train-libtorch finds libtorch at run time: below its own folder, where `make install`
//! puts it, else in the folder in which the libraries really lie, so that they find their own companions beside them.

use std::env;
use std::fs;
use std::path::Path;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=LIBTORCH");
    if env::var_os("CARGO_FEATURE_TRAIN").is_none() {
        return;
    }
    let Some(libtorch) = env::var_os("LIBTORCH") else { return };
    let library = Path::new(&libtorch).join("lib/libtorch_cpu.so");
    println!("cargo:rerun-if-changed={}", library.display());
    match fs::canonicalize(&library) {
        Ok(library) => {
            let folder = library.parent().expect("a file lies in a folder");
            for path in ["$ORIGIN/libtorch/run", &folder.to_string_lossy()] {
                println!("cargo:rustc-link-arg-bin=rnn-train-libtorch=-Wl,-rpath,{path}");
            }
        }
        Err(_) => {
            println!("cargo:warning={} is not there; run `make libtorch` first", library.display());
        }
    }
}
