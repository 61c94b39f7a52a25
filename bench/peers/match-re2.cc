// The containers that meet a hook's criteria, in C++ on libre2: what the matching of the service is measured against.
//
//   match-re2 INVENTORY
//
// INVENTORY is a text file, one container a line: namespace, pod, labels (`name=value`, joined by U+001F), container,
// image, joined by tabs, ordered as the service orders them. Then reads commands from the standard input, one a line:
// `dictionary` or `loop`, then one or more hooks, each the type and pattern of each of its criteria. All are joined by
// tabs, with a field `;` between two hooks. Answers each command with one line of JSON: how many containers the hooks
// match together and the CPU time that took, in nanoseconds, compilation of the patterns included.
//
// `dictionary` does what the service does: each distinct value is tested once, a bitmap over the containers for each
// criterion, ANDed, the property with the fewest values first, pod names last and only those of pods still selected.
// `loop` tests container by container, and stops at the first criterion that fails.
#include <re2/re2.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace {

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::size_t start = 0;
  for (;;) {
    const std::size_t end = text.find(separator, start);
    parts.push_back(text.substr(start, end - start));
    if (end == std::string::npos) return parts;
    start = end + 1;
  }
}

// Distinct values, each once, one after the other in memory.
struct Column {
  std::vector<std::string> values;
  std::unordered_map<std::string, std::uint32_t> indexes;

  std::uint32_t indexOf(const std::string& value) {
    const auto [found, added] = indexes.try_emplace(value, values.size());
    if (added) values.push_back(value);
    return found->second;
  }
};

struct Container {
  std::string namespaceName, podName, name, image;
  std::vector<std::string> labels;
};

struct Inventory {
  std::vector<Container> containers;
  Column namespaces, podNames, labels, containerNames, images, labelSets;
  std::vector<std::vector<std::uint32_t>> labelsOfSet;
  std::vector<std::uint32_t> namespaceOf, podNameOf, labelSetOf, nameOf, imageOf;
};

Inventory read(const char* path) {
  Inventory inventory;
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    const auto fields = split(line, '\t');
    Container container{fields[0], fields[1], fields[3], fields[4], {}};
    if (!fields[2].empty()) container.labels = split(fields[2], '\x1f');
    inventory.namespaceOf.push_back(inventory.namespaces.indexOf(container.namespaceName));
    inventory.podNameOf.push_back(inventory.podNames.indexOf(container.podName));
    const auto set = inventory.labelSets.indexOf(fields[2]);
    if (set == inventory.labelsOfSet.size()) {
      auto& labels = inventory.labelsOfSet.emplace_back();
      for (const auto& label : container.labels) labels.push_back(inventory.labels.indexOf(label));
    }
    inventory.labelSetOf.push_back(set);
    inventory.nameOf.push_back(inventory.containerNames.indexOf(container.name));
    inventory.imageOf.push_back(inventory.images.indexOf(container.image));
    inventory.containers.push_back(std::move(container));
  }
  return inventory;
}

enum class Type { kNamespace, kPodName, kLabel, kName, kImage };

Type typeOf(const std::string& name) {
  if (name == "namespaceName") return Type::kNamespace;
  if (name == "podName") return Type::kPodName;
  if (name == "podLabel") return Type::kLabel;
  if (name == "containerName") return Type::kName;
  return Type::kImage;
}

struct Criterion {
  Type type;
  std::string pattern;
};

std::unique_ptr<RE2> compile(const Criterion& criterion) {
  return std::make_unique<RE2>(criterion.pattern, RE2::Quiet);
}

bool matches(const RE2& pattern, const std::string& text) { return RE2::PartialMatch(text, pattern); }

const Column& columnOf(const Inventory& inventory, Type type) {
  switch (type) {
    case Type::kNamespace: return inventory.namespaces;
    case Type::kPodName: return inventory.podNames;
    case Type::kLabel: return inventory.labels;
    case Type::kName: return inventory.containerNames;
    default: return inventory.images;
  }
}

using Bitmap = std::vector<std::uint64_t>;

Bitmap bitmapOf(const std::vector<std::uint8_t>& flags, const std::vector<std::uint32_t>& indexes) {
  Bitmap bits((indexes.size() + 63) / 64);
  const std::size_t count = indexes.size();
  for (std::size_t word = 0; word < bits.size(); word++) {
    const std::size_t end = std::min(count, (word + 1) * 64);
    std::uint64_t value = 0;
    for (std::size_t index = word * 64; index < end; index++) {
      value |= std::uint64_t{flags[indexes[index]]} << (index & 63);
    }
    bits[word] = value;
  }
  return bits;
}

std::size_t byDictionary(const Inventory& inventory, std::vector<Criterion> criteria) {
  std::stable_sort(criteria.begin(), criteria.end(), [&](const Criterion& left, const Criterion& right) {
    const bool leftLast = left.type == Type::kPodName, rightLast = right.type == Type::kPodName;
    if (leftLast != rightLast) return rightLast;
    return columnOf(inventory, left.type).values.size() < columnOf(inventory, right.type).values.size();
  });
  Bitmap selected((inventory.containers.size() + 63) / 64, ~std::uint64_t{0});
  bool first = true;
  for (const auto& criterion : criteria) {
    const auto pattern = compile(criterion);
    const auto& values = columnOf(inventory, criterion.type).values;
    std::vector<std::uint8_t> flags(values.size());
    const std::vector<std::uint32_t>* indexes = &inventory.imageOf;
    switch (criterion.type) {
      case Type::kPodName: {
        indexes = &inventory.podNameOf;
        if (first) break;
        std::vector<std::uint8_t> wanted(values.size());
        for (std::size_t word = 0; word < selected.size(); word++) {
          for (std::uint64_t left = selected[word]; left != 0; left &= left - 1) {
            const std::size_t container = word * 64 + __builtin_ctzll(left);
            if (container < inventory.containers.size()) wanted[inventory.podNameOf[container]] = 1;
          }
        }
        for (std::size_t value = 0; value < values.size(); value++) {
          if (wanted[value]) flags[value] = matches(*pattern, values[value]);
        }
        break;
      }
      case Type::kNamespace: indexes = &inventory.namespaceOf; break;
      case Type::kLabel: indexes = &inventory.labelSetOf; break;
      case Type::kName: indexes = &inventory.nameOf; break;
      case Type::kImage: break;
    }
    if (criterion.type != Type::kPodName || first) {
      for (std::size_t value = 0; value < values.size(); value++) flags[value] = matches(*pattern, values[value]);
    }
    if (criterion.type == Type::kLabel) {
      std::vector<std::uint8_t> sets(inventory.labelsOfSet.size());
      for (std::size_t set = 0; set < sets.size(); set++) {
        for (const auto label : inventory.labelsOfSet[set]) sets[set] |= flags[label];
      }
      flags = std::move(sets);
    }
    const Bitmap bits = bitmapOf(flags, *indexes);
    std::uint64_t any = 0;
    for (std::size_t word = 0; word < bits.size(); word++) any |= selected[word] &= bits[word];
    first = false;
    if (any == 0) break;
  }
  if (first) return inventory.containers.size();
  std::size_t count = 0;
  for (const auto word : selected) count += __builtin_popcountll(word);
  return count;
}

std::size_t oneByOne(const Inventory& inventory, const std::vector<Criterion>& criteria) {
  std::vector<std::unique_ptr<RE2>> patterns;
  for (const auto& criterion : criteria) patterns.push_back(compile(criterion));
  std::size_t count = 0;
  for (const auto& container : inventory.containers) {
    bool met = true;
    for (std::size_t at = 0; met && at < criteria.size(); at++) {
      const RE2& pattern = *patterns[at];
      switch (criteria[at].type) {
        case Type::kNamespace: met = matches(pattern, container.namespaceName); break;
        case Type::kPodName: met = matches(pattern, container.podName); break;
        case Type::kName: met = matches(pattern, container.name); break;
        case Type::kImage: met = matches(pattern, container.image); break;
        case Type::kLabel:
          met = std::any_of(container.labels.begin(), container.labels.end(),
                            [&](const std::string& label) { return matches(pattern, label); });
          break;
      }
    }
    count += met;
  }
  return count;
}

long long cpuNanoseconds() {
  timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const Inventory inventory = read(argv[1]);
  std::cout << "{\"containers\":" << inventory.containers.size() << "}" << std::endl;
  std::string line;
  while (std::getline(std::cin, line)) {
    const auto fields = split(line, '\t');
    std::vector<std::vector<Criterion>> hooks(1);
    for (std::size_t at = 1; at < fields.size();) {
      if (fields[at] == ";") {
        hooks.emplace_back();
        at += 1;
      } else if (at + 1 < fields.size()) {
        hooks.back().push_back({typeOf(fields[at]), fields[at + 1]});
        at += 2;
      } else {
        return 2;
      }
    }
    const long long start = cpuNanoseconds();
    std::size_t count = 0;
    for (const auto& criteria : hooks) {
      count += fields[0] == "loop" ? oneByOne(inventory, criteria) : byDictionary(inventory, criteria);
    }
    std::cout << "{\"count\":" << count << ",\"cpuNs\":" << cpuNanoseconds() - start << "}" << std::endl;
  }
}
