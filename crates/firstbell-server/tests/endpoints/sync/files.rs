//! Rosters to send, and a district's systems that send them.

use std::fs;
use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::body::Body;
use firstbell_core::id::DistrictId;
use firstbell_core::roster::sync::{RunState, SyncRun};
use firstbell_core::roster::{District, DistrictPolicy};
use firstbell_core::secret::Secret;
use firstbell_server::entropy::Entropy;
use http::Request;
use zip::write::SimpleFileOptions;

use crate::world::{Reply, World};

/// A change of one file of the sandbox.
pub type Change = fn(&str) -> String;

pub const RENAMED: (&str, Change) =
    ("students.csv", |text| text.replace(",Jun,Ana,", ",Jun,Anna,"));

/// Nobody is in any section.
pub const EMPTIED: (&str, Change) =
    ("enrollments.csv", |text| text.lines().next().unwrap_or_default().to_owned());

impl World {
    /// The files of the sandbox, one of them changed.
    pub fn files(&self, changed: Option<(&str, Change)>) -> Vec<(String, String)> {
        let mut files = Vec::new();
        for entry in fs::read_dir(self.folder.path().join("sandbox")).expect("a sandbox") {
            let path = entry.expect("a file").path();
            let name = path.file_name().expect("a name").to_str().expect("a text").to_owned();
            let text = fs::read_to_string(&path).expect("a text");
            let text = match changed {
                Some((file, change)) if file == name => change(&text),
                _ => text,
            };
            files.push((name, text));
        }
        files
    }

    /// A new key of the district's systems.
    pub async fn sync_key(&self, district: DistrictId) -> String {
        let (key, now) = (Secret::generate("su", &mut Entropy), self.clock.now());
        let hash = key.hash();
        let give =
            move |tx: &mut firstbell_store::Tx<'_>| tx.district(district).set_sync_key(&hash, now);
        self.store.write(give).await.expect("a key");
        key.expose().to_owned()
    }

    /// Another district, without any roster.
    pub async fn other_district(&self) -> DistrictId {
        self.district_called("north").await
    }

    /// A district with this shortname, without any roster.
    pub async fn district_called(&self, shortname: &str) -> DistrictId {
        let now = self.clock.now();
        let district = District {
            id: DistrictId::new(now, &mut Entropy),
            shortname: shortname.parse().expect("a shortname"),
            name: shortname.into(),
            place: None,
            policy: DistrictPolicy::default(),
        };
        let id = district.id;
        self.store.write(move |tx| tx.create_district(&district, now)).await.expect("a district");
        self.app.refresh_settings().await.expect("settings");
        id
    }

    pub async fn upload(&self, key: &str, body: impl Into<Body>) -> Reply {
        let request = Request::post("/sync/ada")
            .header("authorization", format!("Bearer {key}"))
            .header("content-type", "application/zip");
        self.ask(request.body(body.into()).expect("a request")).await
    }

    /// A run when it has come to an end, as its address tells it.
    pub async fn ended(&self, key: &str, uploaded: &Reply) -> serde_json::Value {
        assert_eq!(uploaded.status.as_u16(), 202, "{}", uploaded.body);
        let address = uploaded.location().expect("an address").to_owned();
        for _ in 0..6_000 {
            let reply = self.get_with_token(&address, key).await;
            assert_eq!(reply.status.as_u16(), 200, "{}", reply.body);
            let run = reply.json();
            let id = run["id"].as_str().expect("an id");
            // The files of a run that is not held go right behind its end.
            let is_kept = self.folder.path().join("spool").join(id).exists();
            if run["state"] == "held" || run["state"] != "running" && !is_kept {
                return run;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the run did not end");
    }

    pub async fn runs(&self) -> Vec<SyncRun> {
        let district = self.district;
        let read = self.store.read(move |tx| tx.district(district).sync_runs(99));
        read.await.expect("runs")
    }

    pub async fn states(&self) -> Vec<&'static str> {
        self.runs().await.iter().map(|run| RunState::name(&run.state)).collect()
    }

    pub async fn roster_version(&self) -> i64 {
        let district = self.district;
        let version = self.store.read(move |tx| tx.district(district).roster_version());
        version.await.expect("a version").0
    }

    /// How many runs have files in the spool.
    pub fn kept(&self) -> usize {
        fs::read_dir(self.folder.path().join("spool")).map_or(0, Iterator::count)
    }

    /// A folder of this name with these files, as somebody else would fill it.
    pub fn drop_files(&self, name: &str, files: &[(String, String)]) -> PathBuf {
        let folder = self.folder.path().join("drop").join(name);
        fs::create_dir_all(&folder).expect("a folder");
        write(&folder, files);
        folder
    }
}

pub fn write(folder: &Path, files: &[(String, String)]) {
    for (name, text) in files {
        fs::write(folder.join(name), text).expect("written");
    }
}

/// A zip file.
pub fn zipped(files: &[(String, String)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in files {
        writer.start_file(&**name, SimpleFileOptions::default()).expect("a file");
        writer.write_all(text.as_bytes()).expect("written");
    }
    writer.finish().expect("a zip file").into_inner()
}
