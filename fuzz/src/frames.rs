//! The frames of both directions.

use crate::text;
use holdfast_sync::protocol::{ClientFrame, ServerFrame};
use holdfast_tracker::Tracker;

macro_rules! frame {
    ($name:ident, $frame:ident) => {
        pub fn $name(bytes: &[u8]) {
            let Ok(frame) = $frame::<Tracker>::decode(&text(bytes)) else { return };
            if let $frame::Unknown(_) = frame {
                return; // Nobody says it again.
            }
            let said = frame.encode();
            let again = $frame::decode(&said).expect("what was written is read");
            assert_eq!(again, frame, "it is read as it was written");
            assert_eq!(again.encode(), said, "it is written as it was");
        }
    };
}

frame!(client, ClientFrame);
frame!(server, ServerFrame);
