//! Replaces files atomically.

use std::fs::{self, File, Metadata, Permissions};
use std::io::{self, BufWriter, ErrorKind, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Duration;

use tempfile::NamedTempFile;

use super::{TEMPORARY, folder_of, is_stream, remove_abandoned};
use crate::error::{Error, Result};

/// The age at which a temporary file that no process has locked is certainly abandoned.
const ABANDONED: Duration = Duration::from_secs(600);

/// Atomically replaces `path` with the output of `write`: writes, syncs and renames a temporary file in the same
/// folder, then syncs the folder. A file that exists keeps its mode and, where the system permits it, its owner.
/// `-` is standard output. Devices and pipes are written to directly; links are followed. A file that cannot be
/// replaced, because its folder is read-only or it is a mount point, is overwritten once the output is complete.
pub fn write(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    write_and_patch(path, |out| write(out).map(|()| (0, Vec::new())))
}

/// Returns whether `path` is, or can become, a file, rather than a stream or device.
pub fn is_replaceable(path: &Path) -> bool {
    !is_stream(path) && fs::metadata(path).map_or(true, |m| m.is_file())
}

/// Like [`write`]. The closure returns bytes for an earlier offset of the file, which [`is_replaceable`], such as a
/// checksum of what follows.
pub fn write_and_patch(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<(u64, Vec<u8>)>) -> Result<()> {
    if is_stream(path) {
        let mut stdout = io::stdout().lock();
        return write(&mut stdout).and_then(|_| stdout.flush()).map_err(Error::stdout);
    }
    let failed = |e| Error::io("write", path, e);
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let existing = fs::metadata(&target).ok();
    if existing.as_ref().is_some_and(|m| !m.is_file() && !m.is_dir()) {
        let mut device = File::options().write(true).open(&target).map_err(failed)?;
        return write(&mut device).and_then(|_| device.flush()).map_err(failed);
    }
    let existing = existing.filter(Metadata::is_file);
    let folder = folder_of(&target);
    let (mut file, is_beside) = match temporary_file(&folder) {
        Err(e) if existing.is_some() && is_denied(&e) => {
            (temporary_file(&std::env::temp_dir()).map_err(failed)?, false)
        }
        file => (file.map_err(failed)?, true),
    };
    // The lock marks the file as in use; it ends with this process.
    let _ = file.as_file().try_lock();
    remove_abandoned(&folder, ABANDONED);
    let mut buffer = BufWriter::new(&mut file);
    let (offset, patch) = write(&mut buffer).map_err(failed)?;
    buffer.flush().map_err(failed)?;
    drop(buffer);
    if !patch.is_empty() {
        file.seek(SeekFrom::Start(offset)).and_then(|_| file.write_all(&patch)).map_err(failed)?;
    }
    if !is_beside {
        return overwrite(&target, &mut file);
    }
    if let Some(existing) = &existing {
        inherit(file.as_file(), existing);
    }
    file.as_file().sync_all().map_err(failed)?;
    match file.persist(&target) {
        Ok(_) => File::open(&folder).and_then(|f| f.sync_all()).map_err(failed),
        Err(mut e) if existing.is_some() && (is_denied(&e.error) || e.error.kind() == ErrorKind::ResourceBusy) => {
            overwrite(&target, &mut e.file)
        }
        Err(e) => Err(failed(e.error)),
    }
}

fn temporary_file(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(Permissions::from_mode(0o666)); // minus the umask, as for any new file
    }
    builder.prefix(TEMPORARY.0).suffix(TEMPORARY.1).tempfile_in(folder)
}

/// Returns whether a folder refused a new file.
fn is_denied(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem)
}

/// Gives a file the mode and owner of the one that it replaces. Systems allow only some changes of owner; the mode
/// then must not grant more to another group.
fn inherit(file: &File, existing: &Metadata) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
        let own = file.metadata().ok();
        let is_same = own.is_some_and(|own| (own.uid(), own.gid()) == (existing.uid(), existing.gid()));
        let owned = is_same || fchown(file, Some(existing.uid()), Some(existing.gid())).is_ok();
        let mode = existing.mode() & if owned { 0o7777 } else { 0o707 };
        // A file of the default mode is still better than none.
        let _ = file.set_permissions(Permissions::from_mode(mode));
    }
    #[cfg(windows)]
    let _ = file.set_permissions(existing.permissions());
}

/// Replaces the contents of a file, which is not atomic.
fn overwrite(target: &Path, from: &mut NamedTempFile) -> Result<()> {
    let failed = |e| Error::io("write", target, e);
    let mut file = File::options().write(true).open(target).map_err(failed)?;
    from.rewind().map_err(failed)?;
    let copied = file.set_len(0).and_then(|()| io::copy(from, &mut file)).and_then(|_| file.sync_all());
    copied.map_err(|e| failed(e).hint("the file could only be overwritten in place and is now incomplete"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_write_keeps_the_old_file_and_leaves_no_temporary_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        write(&path, |w| w.write_all(b"old")).unwrap();
        let result = write(&path, |w| {
            w.write_all(b"half")?;
            Err(io::ErrorKind::StorageFull.into())
        });
        assert!(result.is_err());
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn devices_and_links_are_written_through() {
        use std::os::unix::fs::{FileTypeExt, symlink};
        write(Path::new("/dev/null"), |w| w.write_all(b"gone")).unwrap();
        assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
        assert!(write(Path::new("/dev/full"), |w| w.write_all(b"too much")).is_err());

        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "old").unwrap();
        symlink(&file, &link).unwrap();
        write(&link, |w| w.write_all(b"new")).unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert!(link.is_symlink());
    }

    #[cfg(unix)]
    #[test]
    fn a_replaced_file_keeps_its_mode() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("private");
        fs::write(&path, "old").unwrap();
        for mode in [0o600, 0o644, 0o664] {
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            write(&path, |w| w.write_all(b"new")).unwrap();
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, mode);
        }
    }

    #[test]
    fn contents_are_overwritten_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, "a longer old text").unwrap();
        let mut new = temporary_file(folder.path()).unwrap();
        new.write_all(b"new").unwrap();
        overwrite(&path, &mut new).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
    }
}
