import HTTPTypes

/// An error in the form that Anthropic's SDKs read, with this API's own fields added.
package struct AnthropicErrorBody: Encodable {
    package let type = "error"
    package let error: Detail
    package let requestID: String

    package struct Detail: Encodable {
        package let type: String
        package let message: String
        package let code: String
        package let param: String?
        package let requestID: String
    }

    package init(_ error: APIError, requestID: String) {
        let type =
            switch error.status.code {
            case 402: "billing_error"
            case 413: "request_too_large"
            case 503: "overloaded_error"
            case 504: "timeout_error"
            default: error.type
            }
        self.error = Detail(
            type: type, message: error.shownMessage, code: error.code.rawValue, param: error.param, requestID: requestID
        )
        self.requestID = requestID
    }
}
