//! Rights that change while a connection is open, and while there is none.

use crate::{
    notes::{Act, House, KEYS, Note, Notes, VAULT, Who, note, texts},
    world::{Client, Folder, new_client},
};
use holdfast_server::{Settings, store::sqlite::SqliteSettings};
use holdfast_sync::protocol::ServerFrame;

struct Scene {
    house: House,
    /// Writes what the others may or may not see.
    owner: Client<Notes>,
    pushed: u64,
    ada: String,
    ada_is: Who,
}

impl Scene {
    async fn new(folder: &Folder) -> Self {
        let house = House::open(&folder.path("db"), SqliteSettings::default(), Settings::default()).await;
        let ada = house.sign_in("Ada").await;
        let users = holdfast_server::store::Store::entity(&*house.store, "user").await.expect("it answers");
        let id = users[0].key.trim_start_matches("user/").parse().expect("it is an id");
        let mut owner = house.connect(&house.sign_in("Owner").await).await;
        owner.hello(new_client(), None, &[]).await;
        Self { house, owner, pushed: 0, ada, ada_is: Who::Person(id) }
    }

    async fn write(&mut self, note: Note) {
        self.pushed += 1;
        self.owner.push(self.pushed, [Act::Write(note)]).await;
        self.owner.drain().await;
    }

    async fn give_keys(&mut self, to: &str) {
        self.write(Note { key: KEYS.to_owned(), room: "hall".to_owned(), text: to.to_owned() }).await;
    }

    async fn hide(&mut self, number: u32, text: &str) {
        self.write(Note { room: VAULT.to_owned(), ..note(number, text) }).await;
    }
}

/// What a list of frames says of the vault, shortly.
fn said(frames: &[ServerFrame<Notes>]) -> Vec<String> {
    let word = |frame: &ServerFrame<Notes>| match frame {
        ServerFrame::Purge(purge) => vec![format!("purge {}", purge.scope)],
        ServerFrame::Grant(grant) => vec![format!("grant {}", grant.scope)],
        ServerFrame::Snapshot(page) => page.rows.iter().map(|stored| stored.row.text.clone()).collect(),
        patch @ ServerFrame::Patch(_) => texts(std::slice::from_ref(patch)),
        _ => Vec::new(),
    };
    frames.iter().flat_map(word).collect()
}

#[tokio::test]
async fn a_right_that_is_given_or_taken_is_followed_at_once() {
    let folder = Folder::new();
    let mut scene = Scene::new(&folder).await;
    let whom = format!("{:?}", scene.ada_is);
    scene.hide(1, "gold").await;
    let mut ada = scene.house.connect(&scene.ada).await;
    ada.hello(new_client(), None, &[VAULT.to_owned()]).await;
    assert_eq!(said(&ada.drain().await), ["purge vault"]);
    scene.hide(2, "silver").await;
    assert!(said(&ada.drain().await).is_empty(), "not a byte of what may not be read");

    scene.give_keys(&whom).await;
    assert_eq!(said(&ada.drain().await), ["grant vault"]);
    ada.subscribe(VAULT.to_owned()).await;
    assert_eq!(said(&ada.drain().await), ["gold", "silver"]);
    scene.hide(1, "more gold").await;
    assert_eq!(said(&ada.drain().await), ["more gold"]);

    scene.give_keys("nobody").await;
    scene.hide(1, "all the gold").await;
    assert_eq!(said(&ada.drain().await), ["purge vault"]);
    scene.house.close().await;
}

#[tokio::test]
async fn what_was_taken_meanwhile_is_not_caught_up_with() {
    let folder = Folder::new();
    let mut scene = Scene::new(&folder).await;
    let whom = format!("{:?}", scene.ada_is);
    scene.give_keys(&whom).await;
    let client = new_client();
    let mut ada = scene.house.connect(&scene.ada).await;
    let welcome = ada.hello(client, None, &[VAULT.to_owned()]).await;
    assert!(said(&ada.drain().await).is_empty());
    drop(ada);

    scene.hide(1, "seen by nobody").await;
    scene.give_keys("nobody").await;
    let mut ada = scene.house.connect(&scene.ada).await;
    ada.hello(client, Some(welcome.cursor), &[VAULT.to_owned()]).await;
    assert_eq!(said(&ada.drain().await), ["purge vault"]);
    scene.house.close().await;
}
