package import HTTPKit
package import HTTPTypes
package import Hummingbird
package import Platform

/// Who may register: the setting `REGISTRATION`.
package enum RegistrationPolicy: String, Sendable { case open, invite, closed }

/// What came of a registration: the user; or where its address has to be confirmed first, what does not tell whether
/// there was a user with it before.
package enum Registration: Output {
    case made(User)
    case pending

    package static var schema: Schema? { User.schema }
    package static var mediaTypes: [String] { User.mediaTypes }
    package static var otherStatuses: [HTTPResponse.Status] { [.accepted] }

    package func response(_ status: HTTPResponse.Status) throws -> Response {
        switch self {
        case .made(let user): try user.response(status)
        case .pending: try Accepted().response(.accepted)
        }
    }
}
