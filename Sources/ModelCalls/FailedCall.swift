package import LLM
import Logging

extension Logger {
    /// Logs a failed model call with its cause, for the operator only: responses never contain the cause.
    package func failedCall(_ attempt: Gateway.Attempt, requestID: String) {
        warning(
            "model call failed",
            metadata: [
                "request_id": .string(requestID), "provider": .string(attempt.provider),
                "model": .string(attempt.model), "attempt": .stringConvertible(attempt.number),
                "kind": .string(attempt.error.kind.rawValue), "cause": .string(attempt.error.detail),
            ])
    }
}
