//! The drop folder, with a moved clock. U-20: links, files that are still being written, names that
//! lead elsewhere.

use std::fs;
use std::os::unix::fs::symlink;
use std::time::Duration;

use firstbell_core::id::SyncRunId;
use firstbell_core::roster::sync::RunState;
use firstbell_server::syncing::Fetch;
use firstbell_server::syncing::drop_folder::{DropSettings, Inside, Lookout};
use firstbell_server::syncing::run::RunError;

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

    /// The report of a run, as it was recorded.
    async fn report(&self, id: SyncRunId) -> String {
        let district = self.district;
        let report = self.store.read(move |tx| tx.district(district).sync_report(id)).await;
        report.expect("an answer").expect("a report")
    }

    /// No room for any roster.
    fn fill_disk(&self) {
        let spool = self.folder.path().join("spool");
        fs::write(spool, "a file where the folder should be").expect("written");
    }

    fn make_room(&self) {
        fs::remove_file(self.folder.path().join("spool")).expect("removed");
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
        world.look_twice(&mut lookout, SETTLED).await;
        assert_eq!(world.states().await, ["rejected"], "told once, where people look");
        let report = world.report(world.runs().await[0].id).await;
        assert!(report.contains("R113") && report.contains("ada"), "{report}");
        fs::remove_file(&folder).expect("removed");

        // A file in it.
        let files = world.files(None);
        world.drop_files("ada", &files);
        fs::remove_file(folder.join("students.csv")).expect("removed");
        symlink(outside.join("students.csv"), folder.join("students.csv")).expect("a link");
        world.look_twice(&mut lookout, SETTLED).await;
        world.look_twice(&mut lookout, SETTLED).await;
        let runs = world.runs().await;
        assert_eq!(world.states().await, ["rejected", "rejected"], "told once");
        let report = world.report(runs[0].id).await;
        assert!(report.contains("R113") && report.contains("students.csv"), "{report}");
        assert_eq!((world.roster_version().await, world.kept()), (1, 0));

        // A folder and a pipe with such a name are no files either.
        fs::remove_file(folder.join("students.csv")).expect("removed");
        fs::create_dir(folder.join("students.csv")).expect("a folder");
        world.look_twice(&mut lookout, SETTLED).await;
        assert_eq!(world.states().await, ["rejected"; 3]);
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

const AGAIN: Duration = Duration::from_mins(10);

#[tokio::test]
async fn a_failure_is_tried_again_by_whoever_looks() {
    for world in worlds().await {
        let (mut one, mut other) = (world.lookout(), world.lookout());
        world.drop_files("ada", &world.files(Some(RENAMED)));
        world.fill_disk();
        world.look(&mut one).await;
        world.look_twice(&mut other, SETTLED).await;
        world.look(&mut one).await;
        assert_eq!(world.states().await, ["failed"]);

        // The node that failed is gone, and a new process has come; one of them tries again.
        let mut new = world.lookout();
        world.look_twice(&mut new, SETTLED).await;
        assert_eq!(world.states().await, ["failed"], "not before ten minutes are over");
        world.clock.advance(SETTLED);
        world.look(&mut new).await;
        assert_eq!(world.states().await, ["failed", "failed"]);
        world.make_room();
        world.look_twice(&mut one, AGAIN).await;
        assert_eq!(world.states().await, ["applied", "failed", "failed"]);
    }
}

#[tokio::test]
async fn ten_minutes_count_from_the_end_of_what_failed() {
    for world in worlds().await {
        let mut lookout = world.lookout();
        let folder = world.drop_files("ada", &world.files(Some(RENAMED)));
        let inside = Inside::of(&folder).expect("read").expect("files");
        let print = inside.fingerprint().expect("a sum");
        let begun = world.app.syncing().begin_if_due(world.district, print).await;
        let Fetch::Begun(run) = begun.expect("an answer") else { panic!("it is due") };
        world.look_twice(&mut lookout, SETTLED).await;
        assert_eq!(world.states().await, ["running"]);
        world.clock.advance(Duration::from_secs(40));
        run.failed(RunError::Changed).await;
        world.look_twice(&mut lookout, Duration::from_secs(560)).await;
        assert_eq!(world.states().await, ["failed"]);
        world.clock.advance(Duration::from_secs(40));
        world.look(&mut lookout).await;
        assert_eq!(world.states().await, ["applied", "failed"]);
    }
}

#[tokio::test]
async fn a_run_that_fails_once_it_is_approved_is_held_again_and_not_taken_anew() {
    for world in worlds().await {
        let mut lookout = world.lookout();
        world.drop_files("ada", &world.files(Some(EMPTIED)));
        world.look_twice(&mut lookout, SETTLED).await;
        let held = world.runs().await[0].id;
        let (run, ..) = world.app.syncing().approve(held).await.expect("held");
        run.failed(RunError::Changed).await;
        world.look_twice(&mut lookout, AGAIN).await;
        world.look_twice(&mut lookout, AGAIN).await;
        assert_eq!(world.states().await, ["held"]);
        assert_eq!(world.runs().await[0].id, held);
    }
}

#[tokio::test]
async fn what_is_too_large_or_cannot_be_read_is_told_where_people_look() {
    for world in worlds().await {
        let mut lookout = world.lookout();
        let folder = world.drop_files("ada", &[]);
        let huge = fs::File::create(folder.join("students.csv")).expect("a file");
        huge.set_len((2 << 30) + 1).expect("a hole");
        world.look_twice(&mut lookout, SETTLED).await;
        world.look_twice(&mut lookout, AGAIN).await;
        assert_eq!(world.states().await, ["rejected"], "told once");
        let report = world.report(world.runs().await[0].id).await;
        assert!(report.contains("R107") && report.contains("students.csv"), "{report}");

        // What it stands in cannot be looked into.
        let (drop, aside) = (world.folder.path().join("drop"), world.folder.path().join("aside"));
        fs::rename(&drop, &aside).expect("moved");
        fs::write(&drop, "a file where the folder should be").expect("written");
        world.look_twice(&mut lookout, SETTLED).await;
        assert_eq!(world.states().await, ["failed", "rejected"]);
        let RunState::Failed { why } = world.runs().await[0].state.clone() else { panic!() };
        assert!(why.contains("the district's folder cannot be read"), "{why}");
        world.look_twice(&mut lookout, AGAIN).await;
        assert_eq!(world.states().await, ["failed", "failed", "rejected"]);
        fs::remove_file(&drop).expect("removed");
        fs::rename(&aside, &drop).expect("moved");
        fs::remove_file(folder.join("students.csv")).expect("removed");
        write(&folder, &world.files(Some(RENAMED)));
        world.look_twice(&mut lookout, SETTLED).await;
        assert_eq!(world.states().await, ["applied", "failed", "failed", "rejected"]);
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
