package dev.millrace.cache.layers;

import java.util.Map;
import org.ehcache.Cache;
import org.ehcache.spi.resilience.ResilienceStrategy;
import org.ehcache.spi.resilience.StoreAccessException;

/// Has Ehcache throw what goes wrong inside it. By itself it writes each failure to its log and
/// gives a miss, so that nobody could count them.
final class RaisedFailures<K, V> implements ResilienceStrategy<K, V> {

  private static RuntimeException raised(StoreAccessException failure) {
    return new IllegalStateException(failure.getMessage(), failure);
  }

  @Override
  public V getFailure(K key, StoreAccessException e) {
    throw raised(e);
  }

  @Override
  public boolean containsKeyFailure(K key, StoreAccessException e) {
    throw raised(e);
  }

  @Override
  public void putFailure(K key, V value, StoreAccessException e) {
    throw raised(e);
  }

  @Override
  public void removeFailure(K key, StoreAccessException e) {
    throw raised(e);
  }

  @Override
  public void clearFailure(StoreAccessException e) {
    throw raised(e);
  }

  @Override
  public Cache.Entry<K, V> iteratorFailure(StoreAccessException e) {
    throw raised(e);
  }

  @Override
  public V putIfAbsentFailure(K key, V value, StoreAccessException e) {
    throw raised(e);
  }

  @Override
  public boolean removeFailure(K key, V value, StoreAccessException e) {
    throw raised(e);
  }

  @Override
  public V replaceFailure(K key, V value, StoreAccessException e) {
    throw raised(e);
  }

  @Override
  public boolean replaceFailure(K key, V value, V newValue, StoreAccessException e) {
    throw raised(e);
  }

  @Override
  public Map<K, V> getAllFailure(Iterable<? extends K> keys, StoreAccessException e) {
    throw raised(e);
  }

  @Override
  public void putAllFailure(Map<? extends K, ? extends V> entries, StoreAccessException e) {
    throw raised(e);
  }

  @Override
  public void removeAllFailure(Iterable<? extends K> keys, StoreAccessException e) {
    throw raised(e);
  }
}
