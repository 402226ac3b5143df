//! The vault at the node.

use proto::{
    api::{
        feed::FeedCursor,
        manifest::{ManifestPage, VaultManifest},
        vault::{DeleteItemRequest, ItemVersions, VaultPage, WriteAccepted, WriteItemRequest},
    },
    ids::{ItemId, ItemVersion, Revision},
};

use crate::platform::{Method, Transport};

use super::{ANSWER_MAX_BYTES, Done, Node, NodeError, PAGE_ITEMS, PAGE_MAX_BYTES, encode};

impl<T: Transport> Node<'_, T> {
    pub(crate) async fn vault(&self, since: Revision) -> Result<VaultPage, NodeError> {
        let path = format!("/vault?since={since}&limit={PAGE_ITEMS}");
        self.ask(Method::Get, &path, None, PAGE_MAX_BYTES).await
    }

    /// The same of the database that the cursor is of; of another one all there is, which the page
    /// says. Without `since` from the cursor's place on.
    pub(crate) async fn vault_from(
        &self,
        cursor: &FeedCursor,
        since: Option<Revision>,
    ) -> Result<VaultPage, NodeError> {
        let since = since.map(|since| format!("&since={since}"));
        let path = format!(
            "/vault?cursor={}{}&limit={PAGE_ITEMS}",
            cursor.as_str(),
            since.unwrap_or_default()
        );
        self.ask(Method::Get, &path, None, PAGE_MAX_BYTES).await
    }

    pub(crate) async fn write_item(
        &self,
        id: &ItemId,
        request: &WriteItemRequest,
    ) -> Result<WriteAccepted, NodeError> {
        let body = Some(encode(request)?);
        self.ask(Method::Put, &format!("/vault/{id}"), body, ANSWER_MAX_BYTES)
            .await
    }

    pub(crate) async fn delete_item(
        &self,
        id: &ItemId,
        request: &DeleteItemRequest,
    ) -> Result<WriteAccepted, NodeError> {
        let body = Some(encode(request)?);
        self.ask(
            Method::Delete,
            &format!("/vault/{id}"),
            body,
            ANSWER_MAX_BYTES,
        )
        .await
    }

    /// Versions of an item before one of them, the newest first.
    pub(crate) async fn versions(
        &self,
        id: &ItemId,
        before: ItemVersion,
        limit: u32,
    ) -> Result<ItemVersions, NodeError> {
        let path = format!("/vault/{id}/versions?before={before}&limit={limit}");
        self.ask(Method::Get, &path, None, PAGE_MAX_BYTES).await
    }

    /// What devices have signed of the vault, after a number.
    pub(crate) async fn manifests(&self, after: u64) -> Result<ManifestPage, NodeError> {
        let path = format!("/vault/manifests?after={after}");
        self.ask(Method::Get, &path, None, PAGE_MAX_BYTES).await
    }

    pub(crate) async fn add_manifest(&self, manifest: &VaultManifest) -> Result<(), NodeError> {
        let body = Some(encode(manifest)?);
        self.ask(Method::Put, "/vault/manifest", body, ANSWER_MAX_BYTES)
            .await
            .map(|Done {}| ())
    }
}
