import HTTPKit
package import NIOCore

/// The connection of a client that waits for a completion: ends the completion when it closes, and makes it show signs of
/// life.
package struct ClientConnection: Sendable {
    private let pipeline: ChannelPipeline
    private let handler: ClientDisconnectHandler
    private let beats: RepeatedTask?

    package init(_ channel: any Channel, of completion: RunningCompletion) {
        let handler = ClientDisconnectHandler(completion)
        self.handler = handler
        pipeline = channel.pipeline
        pipeline.addHandler(handler, position: .first).whenFailure { _ in
            completion.cancel(RunningCompletion.ClientLeft())
        }
        beats =
            completion.streams
            ? channel.eventLoop.scheduleRepeatedTask(
                initialDelay: TimeAmount(RunningCompletion.opening), delay: TimeAmount(RunningCompletion.beat)
            ) { _ in
                completion.beat(after: completion.isOpen ? RunningCompletion.quiet - RunningCompletion.beat : .zero)
            } : nil
    }

    package func close() {
        beats?.cancel()
        pipeline.removeHandler(handler, promise: nil)
    }
}
