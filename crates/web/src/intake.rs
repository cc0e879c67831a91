//! Bodies: by when one must have come whole, and how many large ones are read at once.
//!
//! Who stops in the middle of a body holds memory, a connection and, with a photo or a scan, one of few places. So the
//! reading is cut off, the place is free again, and dropping what was read closes the connection. Only the reading: a
//! use case has not begun by then, and one that has begun is finished (see [`crate::guard`]).

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use app::attempts;
use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::StatusCode,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::Site;

/// How long a body may take to come, waiting for a place included: less than the 30 seconds of a request, so that
/// whoever is late is told by who was reading and not by who gave up on it.
pub const BODY_TIME: Duration = Duration::from_secs(25);
/// Uploads read at once, by pages and API together: each may hold 12 MB.
const UPLOADS: usize = 8;
/// Uploads of one network read at once. Further ones wait: behind one address there may be a whole town of telephones.
const UPLOADS_OF_NETWORK: usize = 2;

/// The limits, and who is being read from.
pub(crate) struct Intake {
    time: Duration,
    places: Arc<Semaphore>,
    /// Places by [`attempts::network`], of networks with an upload under way.
    networks: Mutex<BTreeMap<Vec<u8>, Arc<Semaphore>>>,
}

impl Intake {
    /// Bodies may take so long: [`BODY_TIME`] but for tests.
    pub(crate) fn new(time: Duration) -> Self {
        Self { time, places: Arc::new(Semaphore::new(UPLOADS)), networks: Mutex::default() }
    }

    /// What `reading` a body gives, or 503 once it has taken too long. Nothing but reading belongs into it.
    pub(crate) async fn in_time<T>(&self, reading: impl Future<Output = T>) -> Result<T, StatusCode> {
        tokio::time::timeout(self.time, reading).await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
    }

    /// The same for a photo or a scan from an address, which waits for its place first.
    pub(crate) async fn upload<T>(
        &self,
        address: &str,
        reading: impl Future<Output = T>,
    ) -> Result<T, StatusCode> {
        let in_turn = async {
            let _of_network = place(self.network(address)).await?;
            let _of_all = place(Arc::clone(&self.places)).await?;
            Ok(reading.await)
        };
        self.in_time(in_turn).await?
    }

    /// The places of an address' network. Those of networks that hold or await none are forgotten.
    fn network(&self, address: &str) -> Arc<Semaphore> {
        let mut networks = self.networks.lock().unwrap_or_else(PoisonError::into_inner);
        networks.retain(|_, places| Arc::strong_count(places) > 1);
        let places = networks.entry(attempts::network(address));
        Arc::clone(places.or_insert_with(|| Arc::new(Semaphore::new(UPLOADS_OF_NETWORK))))
    }
}

/// Waits for a place; it holds on to its semaphore.
async fn place(of: Arc<Semaphore>) -> Result<OwnedSemaphorePermit, StatusCode> {
    of.acquire_owned().await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}

/// A body, whole and in time.
pub(crate) struct Whole(pub(crate) Bytes);

impl FromRequest<Site> for Whole {
    type Rejection = StatusCode;
    async fn from_request(request: Request, site: &Site) -> Result<Self, StatusCode> {
        let read = site.intake.in_time(Bytes::from_request(request, site)).await?;
        read.map(Self).map_err(|rejection| rejection.status())
    }
}
