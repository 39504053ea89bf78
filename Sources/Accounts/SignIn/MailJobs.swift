package import Platform
import SMTP

extension EmailRoutes {
    /// Mail is tried for about an hour: a server that wants to see a stranger come back makes it wait for minutes.
    package var jobs: [Job] {
        [
            Job(kind: Mailer.kind, attempts: 11, atOnce: 4, timeLimit: .seconds(300)) { run in
                let payload = try run.keptPayload
                do {
                    try await verification.mailer.send(payload: payload)
                } catch let error as SMTPFailure where error.isPermanent {
                    throw Job.Hopeless(description: error.description)
                } catch is MIMEMessage.Unfit {
                    throw Job.Hopeless(description: "an address or a subject that no mail can have")
                }
            },
            Job(kind: ResetRequest.kind, atOnce: 4, timeLimit: .seconds(60)) { run in
                let payload = try run.keptPayload
                try await send(try secrets.decryptJSON(ResetRequest.self, payload))
            },
        ]
    }
}
