package dev.millrace.cli;

import dev.millrace.contracts.Tier;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// `free`, `pro` or `enterprise`.
final class TierConverter implements ITypeConverter<Tier> {

  @Override
  public Tier convert(String text) {
    return Tier.find(text.toLowerCase(Locale.ROOT))
        .orElseThrow(() ->
            new TypeConversionException("expected free, pro or enterprise, got '" + text + "'"));
  }
}
