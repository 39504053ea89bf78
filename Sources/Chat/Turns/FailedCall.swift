package import LLM
import Logging

extension Logger {
    /// What failed, where and why, for the operator alone: an answer never tells.
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
