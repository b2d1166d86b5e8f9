package dev.millrace.workers.attempts;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sends a record until the broker has it. What may stand twice is recognised by whoever reads it.
public final class Durable {

  private static final Logger LOG = LoggerFactory.getLogger(Durable.class);
  private static final long SLICE_MS = 100;
  private static final int PAUSE_SLICES = 5;

  private Durable() {}

  /// Sends again and again until the broker has the record or `goOn` says no. Interrupts are kept
  /// for later.
  ///
  /// @return whether the broker has it
  /// @throws RecordTooLargeException when it never will
  public static boolean deliver(
      String what, Supplier<? extends CompletableFuture<?>> send, BooleanSupplier goOn) {
    while (goOn.getAsBoolean()) {
      try {
        if (arrived(send.get(), goOn)) {
          return true;
        }
      } catch (ExecutionException e) {
        if (e.getCause() instanceof RecordTooLargeException tooLarge) {
          throw tooLarge;
        }
        LOG.warn(
            "not yet on the broker, sending again: {}: {}", what, String.valueOf(e.getCause()));
        pause(goOn);
      }
    }
    return false;
  }

  /// Waits for one send, without trying again.
  ///
  /// @return whether the broker has it; false also when `goOn` says no before that is known
  public static boolean arrived(CompletableFuture<?> sent, BooleanSupplier goOn)
      throws ExecutionException {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          sent.get(SLICE_MS, TimeUnit.MILLISECONDS);
          return true;
        } catch (TimeoutException e) {
          if (!goOn.getAsBoolean()) {
            return false;
          }
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static void pause(BooleanSupplier goOn) {
    var never = new CompletableFuture<Void>();
    for (int i = 0; i < PAUSE_SLICES && goOn.getAsBoolean(); i++) {
      try {
        never.get(SLICE_MS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        // the slice is over
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } catch (ExecutionException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
