package dev.millrace.standalone;

import dev.millrace.contracts.Topics;
import dev.millrace.security.Acls;
import dev.millrace.security.Role;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialAlteration;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;

/// Makes a broker know the roles: their passwords, what each may do, and that they may do no more.
final class RoleAdmin {

  private static final int SCRAM_ITERATIONS = 4096;
  private static final long PATIENCE_SECONDS = 60;

  private RoleAdmin() {}

  /// Returns when the broker goes by it. Doing it again changes nothing but what has changed.
  ///
  /// @param admin logged in as one who may do everything
  static void admit(Admin admin, Function<Role, String> password, Topics topics)
      throws InterruptedException {
    await(admin.alterUserScramCredentials(credentials(password)).all());
    var wanted = Set.copyOf(Acls.of(topics));
    var known = known(admin);
    var missing = without(wanted, known);
    if (!missing.isEmpty()) {
      await(admin.createAcls(missing).all());
    }
    var stale = without(known, wanted).stream().map(AclBinding::toFilter).toList();
    if (!stale.isEmpty()) {
      await(admin.deleteAcls(stale).all());
    }
    awaitKnown(admin, wanted);
  }

  private static List<UserScramCredentialAlteration> credentials(Function<Role, String> password) {
    var info = new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, SCRAM_ITERATIONS);
    return Arrays.stream(Role.values())
        .<UserScramCredentialAlteration>map(
            role -> new UserScramCredentialUpsertion(role.id(), info, password.apply(role)))
        .toList();
  }

  /// The lists of our roles that the broker goes by.
  private static Set<AclBinding> known(Admin admin) throws InterruptedException {
    var ours = Arrays.stream(Role.values()).map(Role::principal).collect(Collectors.toSet());
    return await(admin.describeAcls(AclBindingFilter.ANY).values()).stream()
        .filter(acl -> ours.contains(acl.entry().principal()))
        .collect(Collectors.toSet());
  }

  /// The broker reads back what it was told a moment later, but in order: when it knows the lists
  /// it knows the passwords.
  private static void awaitKnown(Admin admin, Set<AclBinding> wanted) throws InterruptedException {
    var ticks = new CountDownLatch(1);
    long end = System.nanoTime() + Duration.ofSeconds(PATIENCE_SECONDS).toNanos();
    while (!known(admin).equals(wanted)) {
      if (System.nanoTime() > end || ticks.await(10, TimeUnit.MILLISECONDS)) {
        throw new KafkaException("the broker did not take the access control lists");
      }
    }
  }

  private static List<AclBinding> without(Collection<AclBinding> acls, Set<AclBinding> those) {
    var left = new HashSet<>(acls);
    left.removeAll(those);
    return List.copyOf(left);
  }

  private static <T> T await(KafkaFuture<T> future) throws InterruptedException {
    try {
      return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new KafkaException("the broker does not take the roles: " + e.getCause(), e.getCause());
    } catch (TimeoutException e) {
      throw new KafkaException("the broker did not answer within " + PATIENCE_SECONDS + " s", e);
    }
  }
}
