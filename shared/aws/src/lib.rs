//! The way to AWS of a process: region and credentials as the environment says, and one HTTP client for all
//! services.
//!
//! An SDK client that is left to itself makes an HTTP client of its own, and reads the machine's root
//! certificates when it is made, once more for its first request: at a function's start that takes longer than
//! everything else. Here they are read with the first request that anybody sends.
//!
//! Never in here: what any service is asked.

use aws_config::SdkConfig;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::{Builder, ConnectorBuilder};
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

/// What every client of AWS in a process is made of. Nothing is asked of anybody on a machine whose environment
/// says the region, as Lambda's does.
pub async fn config() -> SdkConfig {
    let client = OnFirstRequest(https());
    aws_config::from_env().http_client(client).load().await
}

/// What the SDK itself would take.
fn https() -> SharedHttpClient {
    Builder::new().build_with_connector_fn(|settings, components| {
        let mut connector =
            ConnectorBuilder::default().tls_provider(Provider::Rustls(CryptoMode::AwsLc));
        connector.set_connector_settings(settings.cloned());
        if let Some(components) = components {
            connector.set_sleep_impl(components.sleep_impl());
        }
        connector.set_proxy_config(Some(ProxyConfig::from_env()));
        connector.build()
    })
}

/// An HTTP client that is not tried out when an SDK client is made of it: for one of hyper's that means to
/// connect to nobody, with all root certificates, and to throw that away.
#[derive(Debug)]
struct OnFirstRequest(SharedHttpClient);

impl HttpClient for OnFirstRequest {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        self.0.http_connector(settings, components)
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.0.connector_metadata()
    }
}
