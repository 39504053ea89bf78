package import HTTPKit
package import HTTPTypes
package import Hummingbird
package import Platform

/// Who may register: the setting `REGISTRATION`.
package enum RegistrationPolicy: String, CaseIterable, Sendable { case open, invite, closed }

/// The result of a registration: the user, or `pending` if the address has to be confirmed first. The latter does not
/// reveal whether there was already a user with this address.
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
