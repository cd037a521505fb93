//! The code that calls an endpoint, to copy.

use crate::kit::code::Code;
use crate::live::Live;
use atelier_wire::studio::deploy::EndpointActivity;
use leptos::prelude::*;

fn snippet(kind: &str, endpoint: &str, body: &str) -> String {
    match kind {
        "sdk" => format!(
            "from sagemaker.predictor import Predictor\nfrom sagemaker.serializers import CSVSerializer\n\npredictor = Predictor(\"{endpoint}\", serializer=CSVSerializer())\nprint(predictor.predict({body:?}).decode())\n"
        ),
        "cli" => format!(
            "# eval \"$(atelier env)\" once in this terminal\naws sagemaker-runtime invoke-endpoint \\\n    --endpoint-name {endpoint} \\\n    --content-type text/csv \\\n    --cli-binary-format raw-in-base64-out \\\n    --body '{}' \\\n    answer.csv\n",
            body.replace('\'', "'\\''")
        ),
        _ => format!(
            "import boto3\n\nruntime = boto3.client(\"sagemaker-runtime\")\nanswer = runtime.invoke_endpoint(\n    EndpointName=\"{endpoint}\",\n    ContentType=\"text/csv\",\n    Body={body:?},\n)\nprint(answer[\"Body\"].read().decode())\n"
        ),
    }
}

#[component]
pub fn Snippets(endpoint: String, activity: Live<EndpointActivity>) -> impl IntoView {
    let kind = RwSignal::new("boto3");
    let sample = Memo::new(move |_| {
        activity.value.with(|activity| {
            activity
                .as_ref()
                .map(|activity| activity.sample.lines().next().unwrap_or_default().to_owned())
                .unwrap_or_default()
        })
    });
    let text = Signal::derive(move || snippet(kind.get(), &endpoint, &sample.get()));
    let tabs = [("boto3", "boto3"), ("sdk", "SageMaker SDK"), ("cli", "AWS CLI")];
    view! {
        <div class="pane" data-snippets="">
            <div class="subtabs ep-tabs" role="tablist" aria-label="Code that calls this endpoint">
                {tabs.map(|(id, word)| view! { <button type="button" role="tab" data-snippet=id class:is-on=move || kind.get() == id aria-selected=move || (kind.get() == id).to_string() on:click=move |_| kind.set(id)>{word}</button> }).collect_view()}
            </div>
            <div class="ep-code"><Code text/></div>
            <p class="hint small">"Notebooks and jobs have address and keys set; elsewhere "<span class="code-s">"atelier env"</span>" prints them"</p>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::snippet;

    #[test]
    fn snippets_hold_name_and_body() {
        assert!(snippet("boto3", "xgb", "1,2").contains("Body=\"1,2\""));
        assert!(snippet("cli", "xgb", "it's").contains("'it'\\''s'"));
        assert!(snippet("sdk", "xgb", "1,2").contains("Predictor(\"xgb\""));
    }
}
