//! The drop folder, with a moved clock. U-20: links, files that are still being written, names that
//! lead elsewhere.

use std::fs;
use std::os::unix::fs::symlink;
use std::time::Duration;

use firstbell_core::roster::sync::RunState;
use firstbell_server::syncing::drop_folder::{DropSettings, Lookout};

use super::files::{EMPTIED, RENAMED, write, zipped};
use crate::world::{World, ana, worlds};

impl World {
    fn lookout(&self) -> Lookout {
        let folder = self.folder.path().join("drop");
        Lookout::new(DropSettings { folder, settle: Duration::from_mins(5) })
    }

    async fn look(&self, lookout: &mut Lookout) {
        let settings = self.app.settings();
        lookout.look(self.app.syncing(), settings.districts()).await;
    }

    /// Looks, waits so long, and looks again.
    async fn look_twice(&self, lookout: &mut Lookout, between: Duration) {
        self.look(lookout).await;
        self.clock.advance(between);
        self.look(lookout).await;
    }
}

const SETTLED: Duration = Duration::from_mins(5);

#[tokio::test]
async fn what_lies_still_is_taken_once() {
    for world in worlds().await {
        let mut lookout = world.lookout();
        world.look(&mut lookout).await;
        let files = world.files(Some(RENAMED));
        let folder = world.drop_files("ada", &files);
        world.look_twice(&mut lookout, SETTLED.saturating_sub(Duration::from_secs(1))).await;
        assert_eq!(world.runs().await, [], "it may still be written to");
        world.clock.advance(Duration::from_secs(1));
        world.look(&mut lookout).await;
        assert_eq!(world.states().await, ["applied"]);
        assert_eq!(world.person(ana()).await.name.first, "Anna");
        assert_eq!((world.roster_version().await, world.kept()), (2, 0));
        assert_eq!(fs::read_dir(&folder).expect("a folder").count(), files.len(), "files stay");

        // Neither a look, a new process nor the same files put there again make a second run.
        world.look_twice(&mut lookout, SETTLED).await;
        world.look_twice(&mut world.lookout(), SETTLED).await;
        write(&folder, &files);
        world.look_twice(&mut lookout, SETTLED).await;
        assert_eq!(world.states().await, ["applied"]);

        write(&folder, &world.files(None));
        world.look_twice(&mut lookout, SETTLED).await;
        assert_eq!(world.states().await, ["applied", "applied"]);
        assert_eq!(world.person(ana()).await.name.first, "Ana");
    }
}

#[tokio::test]
async fn what_was_undone_is_not_taken_again() {
    for world in worlds().await {
        let mut lookout = world.lookout();
        world.drop_files("ada", &world.files(Some(RENAMED)));
        world.look_twice(&mut lookout, SETTLED).await;
        let to = firstbell_core::roster::RosterVersion(1);
        let watcher = firstbell_server::syncing::run::Unwatched;
        let undone = world.app.syncing().undo(world.district, to, &watcher).await;
        assert!(matches!(undone.expect("undone").state, RunState::Applied { .. }));
        world.look_twice(&mut lookout, SETTLED).await;
        world.look_twice(&mut world.lookout(), SETTLED).await;
        assert_eq!(world.states().await, ["applied", "applied"]);
        assert_eq!(world.person(ana()).await.name.first, "Ana");
    }
}

#[tokio::test]
async fn a_zip_file_is_taken_too_and_one_of_several_is_not() {
    for world in worlds().await {
        let mut lookout = world.lookout();
        let folder = world.drop_files("ada", &[]);
        fs::write(folder.join("roster.zip"), zipped(&world.files(Some(RENAMED)))).expect("written");
        world.look_twice(&mut lookout, SETTLED).await;
        assert_eq!(world.states().await, ["applied"]);

        fs::write(folder.join("other.zip"), zipped(&world.files(None))).expect("written");
        world.look_twice(&mut lookout, SETTLED).await;
        world.look_twice(&mut lookout, SETTLED).await;
        assert_eq!(world.states().await, ["rejected", "applied"], "told once");
        fs::remove_file(folder.join("roster.zip")).expect("removed");
        world.look_twice(&mut lookout, SETTLED).await;
        assert_eq!(world.states().await, ["applied", "rejected", "applied"]);
    }
}

/// U-20.
#[tokio::test]
async fn a_file_that_is_still_being_written_is_not_taken() {
    for world in worlds().await {
        let mut lookout = world.lookout();
        let mut files = world.files(Some(RENAMED));
        let whole = files[0].1.clone();
        files[0].1.truncate(whole.len() / 2);
        let folder = world.drop_files("ada", &files);
        world.look(&mut lookout).await;
        for part in 0..10 {
            world.clock.advance(Duration::from_mins(4));
            let some = &whole[..whole.len() / 2 + part];
            fs::write(folder.join(&files[0].0), some).expect("written");
            world.look(&mut lookout).await;
        }
        assert_eq!(world.runs().await, []);
        fs::write(folder.join(&files[0].0), &whole).expect("written");
        world.look_twice(&mut lookout, SETTLED).await;
        assert_eq!(world.states().await, ["applied"]);
    }
}

/// U-20.
#[tokio::test]
async fn a_link_is_refused_whatever_it_leads_to() {
    for world in worlds().await {
        let mut lookout = world.lookout();
        let outside = world.folder.path().join("outside");
        fs::create_dir(&outside).expect("a folder");
        write(&outside, &world.files(Some(RENAMED)));

        // The district's folder itself.
        fs::create_dir(world.folder.path().join("drop")).expect("a folder");
        let folder = world.folder.path().join("drop").join("ada");
        symlink(&outside, &folder).expect("a link");
        world.look_twice(&mut lookout, SETTLED).await;
        assert_eq!(world.runs().await, []);
        fs::remove_file(&folder).expect("removed");

        // A file in it.
        let files = world.files(None);
        world.drop_files("ada", &files);
        fs::remove_file(folder.join("students.csv")).expect("removed");
        symlink(outside.join("students.csv"), folder.join("students.csv")).expect("a link");
        world.look_twice(&mut lookout, SETTLED).await;
        world.look_twice(&mut lookout, SETTLED).await;
        let runs = world.runs().await;
        assert_eq!(world.states().await, ["rejected"], "told once");
        let (district, id) = (world.district, runs[0].id);
        let report = world.store.read(move |tx| tx.district(district).sync_report(id)).await;
        let report = report.expect("an answer").expect("a report");
        assert!(report.contains("R113") && report.contains("students.csv"), "{report}");
        assert_eq!((world.roster_version().await, world.kept()), (1, 0));

        // A folder and a pipe with such a name are no files either.
        fs::remove_file(folder.join("students.csv")).expect("removed");
        fs::create_dir(folder.join("students.csv")).expect("a folder");
        world.look_twice(&mut lookout, SETTLED).await;
        assert_eq!(world.states().await, ["rejected", "rejected"]);
        assert_eq!(world.roster_version().await, 1);
    }
}

#[tokio::test]
async fn what_would_remove_too_much_is_held_and_a_failure_is_tried_again() {
    for world in worlds().await {
        let mut lookout = world.lookout();
        let folder = world.drop_files("ada", &world.files(Some(EMPTIED)));
        world.look_twice(&mut lookout, SETTLED).await;
        world.look_twice(&mut lookout, SETTLED).await;
        assert_eq!(world.states().await, ["held"]);
        assert_eq!((world.roster_version().await, world.kept()), (1, 1));

        // No room: told, and tried again in ten minutes.
        let spool = world.folder.path().join("spool");
        fs::rename(&spool, world.folder.path().join("aside")).expect("moved");
        fs::write(&spool, "a file where the folder should be").expect("written");
        write(&folder, &world.files(Some(RENAMED)));
        world.look_twice(&mut lookout, SETTLED).await;
        world.look_twice(&mut lookout, SETTLED).await;
        assert_eq!(world.states().await, ["failed", "held"]);
        fs::remove_file(&spool).expect("removed");
        world.look_twice(&mut lookout, SETTLED).await;
        assert_eq!(world.states().await, ["applied", "failed", "discarded"]);
    }
}

/// U-17: two nodes look at the same folder.
#[tokio::test]
async fn of_two_nodes_one_takes_what_is_there() {
    for world in worlds().await {
        let (mut one, mut other) = (world.lookout(), world.lookout());
        world.drop_files("ada", &world.files(Some(RENAMED)));
        world.look(&mut one).await;
        world.look(&mut other).await;
        world.clock.advance(SETTLED);
        tokio::join!(world.look(&mut one), world.look(&mut other));
        world.look_twice(&mut one, SETTLED).await;
        world.look_twice(&mut other, SETTLED).await;
        assert_eq!(world.states().await, ["applied"]);
    }
}

#[tokio::test]
async fn what_is_nobodys_folder_or_no_roster_is_left_alone() {
    for world in worlds().await {
        let mut lookout = world.lookout();
        world.drop_files("nobody", &world.files(None));
        world.drop_files(
            "ada",
            &[("notes.txt".into(), "x".into()), (".students.csv".into(), "x".into())],
        );
        world.drop_files("ada/sub", &world.files(None));
        world.look_twice(&mut lookout, SETTLED).await;
        assert_eq!(world.runs().await, []);
    }
}
