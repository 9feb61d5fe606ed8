import java.io.File;
import org.semanticweb.owlapi.apibinding.OWLManager;
import org.semanticweb.owlapi.model.OWLOntology;
import org.semanticweb.owlapi.profiles.OWL2DLProfile;
import org.semanticweb.owlapi.profiles.OWLProfileViolation;

/** Says of each file, in lines of "file: violation", what keeps it out of OWL 2 DL. */
public class Profile {
    public static void main(String[] files) throws Exception {
        for (String file : files) {
            OWLOntology ontology =
                OWLManager.createOWLOntologyManager().loadOntologyFromOntologyDocument(new File(file));
            System.out.println(file + ": " + ontology.getAxiomCount() + " axioms");
            for (OWLProfileViolation violation : new OWL2DLProfile().checkOntology(ontology).getViolations()) {
                System.out.println(file + ": " + violation.toString().replaceAll("\\s+", " "));
            }
        }
    }
}
