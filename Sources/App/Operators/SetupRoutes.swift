import HTTPKit

/// The page that the first start's link leads to, and what it sends.
struct SetupRoutes: Sendable {
    let setup: Setup
    let access: AccessRoutes

    func create(_ who: Anonymous, _ input: Setup.FirstAdmin) async throws -> OperatorAccount {
        guard try await setup.isOpen(input.token) else { throw Self.closed }
        try access.refuseCommon(input.password, param: "password")
        let hash = try await access.signIn.hash(input.password)
        return try await setup.create(input, passwordHash: hash, for: who.call)
    }

    static var closed: APIError {
        APIError(
            .invalidLink,
            "This link is not valid, or there is an admin already. As long as there is none, each start of the server "
                + "shows a new link.")
    }
}
