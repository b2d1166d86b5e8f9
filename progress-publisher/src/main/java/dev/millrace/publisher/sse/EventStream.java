package dev.millrace.publisher.sse;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.IteratingCallback;
import org.jspecify.annotations.Nullable;

/// One listener's connection: frames go into its own bounded queue and out by writes that nobody
/// waits for.
///
/// It is born held: what happens meanwhile queues up until [#release], so that what the listener
/// missed comes before what is new.
public final class EventStream {

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final Request request;
  private final Response response;
  private final Callback callback;
  private final LongSupplier nanoTime;
  private final Consumer<EventStream> onEnd;
  private final Writer writer = new Writer();

  private final FrameQueue missed = new FrameQueue();
  private final FrameQueue queue = new FrameQueue();
  private boolean held = true;
  private boolean ending;
  private volatile long writtenAt;
  private volatile boolean open = true;

  EventStream(
      Request request,
      Response response,
      Callback callback,
      LongSupplier nanoTime,
      Consumer<EventStream> onEnd) {
    this.request = request;
    this.response = response;
    this.callback = callback;
    this.nanoTime = nanoTime;
    this.onEnd = onEnd;
    this.writtenAt = nanoTime.getAsLong();
  }

  /// Queues a frame. A listener too slow for frames that must arrive is closed; it comes back with
  /// its `Last-Event-ID`.
  void send(Frame frame) {
    boolean taken;
    synchronized (this) {
      taken = ending || queue.offer(frame);
    }
    if (taken) {
      writer.iterate();
    } else {
      cut("too slow");
    }
  }

  /// Queues a frame before everything that was sent while held.
  ///
  /// @return false when as many as it takes wait already
  boolean sendMissed(Frame frame) {
    boolean taken;
    synchronized (this) {
      taken = ending || missed.offer(frame);
    }
    writer.iterate();
    return taken;
  }

  synchronized boolean hasRoomForMissed() {
    return missed.size() < FrameQueue.MOST / 2;
  }

  /// Lets through what was sent while it was held.
  void release() {
    synchronized (this) {
      held = false;
    }
    writer.iterate();
  }

  /// Ends the response after what is queued.
  void end() {
    synchronized (this) {
      ending = true;
      held = false;
    }
    writer.iterate();
  }

  /// Closes the connection at once.
  void cut(String reason) {
    if (writer.abort(new IllegalStateException(reason))) {
      request.getConnectionMetaData().getConnection().getEndPoint().close();
    }
  }

  boolean isOpen() {
    return open;
  }

  /// How long nothing could be written although something was to be.
  Duration stalled() {
    synchronized (this) {
      if (missed.size() == 0 && queue.size() == 0) {
        return Duration.ZERO;
      }
    }
    return Duration.ofNanos(nanoTime.getAsLong() - writtenAt);
  }

  private synchronized @Nullable Frame next() {
    var frame = missed.poll();
    return frame != null || held ? frame : queue.poll();
  }

  private synchronized boolean atEnd() {
    return ending;
  }

  /* Iterating is Jetty's way to go on writing when a write ends, on whatever thread, without two
   * writes at once and without recursion. */
  private final class Writer extends IteratingCallback {

    private boolean last;

    @Override
    protected Action process() {
      if (last) {
        return Action.SUCCEEDED;
      }
      boolean nothingMoreComes = atEnd();
      var frame = next();
      if (frame != null) {
        response.write(false, frame.wire(), this);
        return Action.SCHEDULED;
      }
      if (nothingMoreComes) {
        last = true;
        response.write(true, NOTHING.slice(), this);
        return Action.SCHEDULED;
      }
      return Action.IDLE;
    }

    @Override
    protected void onSuccess() {
      writtenAt = nanoTime.getAsLong();
    }

    @Override
    protected void onCompleteSuccess() {
      open = false;
      onEnd.accept(EventStream.this);
      callback.succeeded();
    }

    @Override
    protected void onCompleteFailure(Throwable cause) {
      open = false;
      onEnd.accept(EventStream.this);
      callback.failed(cause);
    }
  }
}
