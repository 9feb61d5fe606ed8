# The claims of a review, in R: plain SPARQL over HTTP, answers in CSV, two plots; base R is enough.
#
#     Rscript notebooks/claims.R [FOLDER]
#
# It asks a running server (`exoreview serve`), whose address is in the environment variable EXOREVIEW_URL, prints two
# tables, and draws claims.svg and fingerprint.svg in the folder.
#
# A claim here is the review's: neither a fact, nor an opinion of those who read the text. It was read from the abstract
# with software, and no domain expert has reviewed the reading.

server <- Sys.getenv("EXOREVIEW_URL", "http://127.0.0.1:8000")
folder <- c(commandArgs(trailingOnly = TRUE), ".")[1]

# The answer of a SELECT query as a data frame.
ask <- function(query) {
  prefixes <- "
    PREFIX exr: <https://w3id.org/exoreview/ontology#>
    PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>"
  address <- paste0(server, "/sparql?query=", URLencode(paste(prefixes, query), reserved = TRUE))
  file <- tempfile()
  on.exit(unlink(file))
  download.file(address, file, quiet = TRUE, headers = c(Accept = "text/csv"))
  read.csv(file, encoding = "UTF-8")
}

# A drawing as wide as a page, with room for labels at the left.
draw <- function(name, labels) {
  svg(file.path(folder, name), width = 8, height = 4.2, family = "sans")
  plot.new()
  left <- max(strwidth(labels, units = "inches")) + 0.3
  par(mai = c(0.8, left, 0.6, 0.3), las = 1, adj = 0, font.main = 1, cex.main = 1.2, mgp = c(2.4, 0.6, 0), new = TRUE)
}

# --- How the text says what it claims, by relation ---

claims <- ask("
  SELECT ?relation ?mode WHERE {
    ?claim a exr:Claim ;
      exr:hasRelation/rdfs:label ?relation ;
      exr:hasAssertionMode/rdfs:label ?mode .
  }")
counts <- table(claims$relation, claims$mode)
counts <- counts[order(-rowSums(counts), rownames(counts)), order(-colSums(counts))]
print(cbind(counts, claims = rowSums(counts)))

colours <- c(
  "asserted" = "#0a6770", "presupposed" = "#a05a00", "exemplified" = "#5446b5", "reported consensus" = "#a02a68"
)[colnames(counts)]
draw("claims.svg", rownames(counts))
# Bars are drawn from below.
upwards <- counts[rev(seq_len(nrow(counts))), ]
places <- barplot(
  t(upwards),
  horiz = TRUE, border = NA, col = colours, xlim = c(0, max(rowSums(counts)) * 1.08),
  main = sprintf("%d claims by relation, and how the text says them", sum(counts))
)
text(rowSums(upwards), places, paste0("  ", rowSums(upwards)), adj = c(0, 0.5))
title(xlab = "claims")
legend(
  "bottomright",
  legend = sprintf("%s (%d)", colnames(counts), colSums(counts)), fill = colours, border = NA, bty = "n"
)
invisible(dev.off())

# --- What the review is about: concepts that at least three claims name ---

fingerprint <- ask("
  SELECT ?concept (COUNT(DISTINCT ?claim) AS ?claims) WHERE {
    ?claim exr:hasSubject|exr:hasObject|exr:hasContext|exr:hasMechanism ?iri .
    ?iri rdfs:label ?concept .
  }
  GROUP BY ?concept
  HAVING(COUNT(DISTINCT ?claim) >= 3)
  ORDER BY DESC(?claims) ?concept")
fingerprint$weight <- round(100 * fingerprint$claims / max(fingerprint$claims))
print(fingerprint, row.names = FALSE, right = FALSE)

draw("fingerprint.svg", fingerprint$concept)
upwards <- fingerprint[rev(seq_len(nrow(fingerprint))), ]
places <- barplot(
  upwards$weight,
  names.arg = upwards$concept, horiz = TRUE, border = NA, col = "#3f6386", xlim = c(0, 128),
  main = "The fingerprint of the review"
)
text(upwards$weight, places, paste0("  ", upwards$claims, " claims"), adj = c(0, 0.5))
title(xlab = "weight, in percent of the most discussed concept")
invisible(dev.off())
