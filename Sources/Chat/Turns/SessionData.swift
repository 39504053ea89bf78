package import HTTPKit
import JSON
import Platform

extension ChatTurn {
    /// Maximum for one conversation, in bytes.
    private static let longestSessionData = 65_536

    /// The conversation's session data with what this call adds, and its encrypted form if it changes.
    package func sessionData(
        _ input: TurnQueries.TurnInput, adding new: JSONObject?
    ) throws -> (data: JSONObject, encrypted: String?) {
        guard new != nil || input.person != nil else { return (JSONObject(), nil) }
        var data = JSONObject()
        if let stored = input.conversation?.sessionData {
            data = try secrets.decryptJSON(JSONObject.self, stored)
        }
        guard let new else { return (data, nil) }
        data.members.merge(new.members) { $1 }
        let bytes = try JSONWriter.encode(data)
        guard bytes.count <= Self.longestSessionData else {
            throw APIError.invalid("session_data", "A conversation's session data is limited to 64 KiB in all.")
        }
        return (data, try secrets.encrypt(bytes))
    }
}
