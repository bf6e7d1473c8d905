package org.dc4j.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.dc4j.data.DataException;
import org.dc4j.data.ImageSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tiny trees in the exact layouts of the published archives. */
class PublishedSetsTest {
  @TempDir Path folder;

  private void picture(String name) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    ImageIO.write(new BufferedImage(5, 4, BufferedImage.TYPE_INT_RGB), "png", file.toFile());
  }

  private void text(String name, String content) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
  }

  private DataSet open(String spec) {
    return DataSets.open(DataSpec.parse(spec.replace("@", folder.toString())));
  }

  private static String[] names(DataSet set) {
    ImageSource images = set.images();
    return IntStream.range(0, images.size()).mapToObj(images::name).toArray(String[]::new);
  }

  private static int[] cameras(DataSet set) {
    ImageSource images = set.images();
    return IntStream.range(0, images.size()).map(images::camera).toArray();
  }

  @Test
  void cub200IsSplitByClass() throws Exception {
    text(
        "CUB_200_2011/images.txt",
        "1 001.Black_footed_Albatross/Black_1.jpg\n2 001.Black_footed_Albatross/._Black_1.jpg\n"
            + "3 100.Brown_Pelican/Brown.jpg\n4 101.White_Pelican/White.jpg\n"
            + "5 200.Common_Yellowthroat/Yellow.jpg\n");
    text("CUB_200_2011/image_class_labels.txt", "1 1\n2 1\n3 100\n4 101\n5 200\n");
    picture("CUB_200_2011/images/001.Black_footed_Albatross/Black_1.jpg");
    DataSet train = open("cub200:@");
    assertThat(names(train))
        .containsExactly(
            "images/001.Black_footed_Albatross/Black_1.jpg", "images/100.Brown_Pelican/Brown.jpg");
    assertThat(train.labels().orElseThrow()).containsExactly(0, 1);
    assertThat(train.images().read(0).width()).isEqualTo(5);
    assertThat(train.description()).isEqualTo("CUB-200-2011 train: 2 images of 2 classes");
    DataSet test = open("cub200:@/CUB_200_2011?split=test");
    assertThat(names(test)[1]).isEqualTo("images/200.Common_Yellowthroat/Yellow.jpg");
    assertThat(test.labels().orElseThrow()).containsExactly(0, 1);
    assertThat(cameras(test)).containsExactly(-1, -1);
    assertThatThrownBy(() -> open("cub200:@?split=val"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("no split \"val\"; accepted: train, test");
    text("CUB_200_2011/image_class_labels.txt", "1 1\n2 1\n3 100\n4 101\n");
    assertThatThrownBy(() -> open("cub200:@")).hasMessageContaining("has no class for image 5");
    text("CUB_200_2011/image_class_labels.txt", "1 one\n");
    assertThatThrownBy(() -> open("cub200:@")).hasMessageContaining("\"one\" is not a number");
    text("CUB_200_2011/image_class_labels.txt", "1\n");
    assertThatThrownBy(() -> open("cub200:@")).hasMessageContaining("line 1: \"1\" has 1 words");
  }

  @Test
  void cars196ComeFromATable() throws Exception {
    text("cars_annos.mat", "MATLAB 5.0");
    assertThatThrownBy(() -> open("cars196:@"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("cars_annos.csv: no such file")
        .hasMessageContaining("relative_im_path,class")
        .hasMessageContaining("cars_annos.mat is not read: export it once");
    text(
        "cars_annos.csv",
        "relative_im_path,bbox_x1,class,test\ncar_ims/000001.jpg,112,1,0\n"
            + "car_ims/008054.jpg,7,98,1\ncar_ims/008055.jpg,7,99,0\ncar_ims/016185.jpg,1,196,1\n");
    assertThat(names(open("cars196:@")))
        .containsExactly("car_ims/000001.jpg", "car_ims/008054.jpg");
    DataSet test = open("cars196:@?split=test");
    assertThat(names(test)).containsExactly("car_ims/008055.jpg", "car_ims/016185.jpg");
    assertThat(test.labels().orElseThrow()).containsExactly(0, 1);
    text("cars_annos.csv", "file,class\nx.jpg,1\n");
    assertThatThrownBy(() -> open("cars196:@")).hasMessageContaining("has the columns file,class");
  }

  @Test
  void onlineProductsHaveTheirOwnSplits() throws Exception {
    String head = "image_id class_id super_class_id path\n";
    text(
        "Stanford_Online_Products/Ebay_train.txt",
        head + "1 1 1 bicycle_final/111085122871_0.JPG\n2 1 1 bicycle_final/111085122871_1.JPG\n");
    text(
        "Stanford_Online_Products/Ebay_test.txt",
        head + "59552 11319 1 bicycle_final/1.JPG\n59553 11320 2 cabinet_final/2.JPG\n");
    assertThat(open("sop:@").labels().orElseThrow()).containsExactly(0, 0);
    DataSet test = open("sop:@?split=test");
    assertThat(test.labels().orElseThrow()).containsExactly(0, 1);
    assertThat(names(test)).containsExactly("bicycle_final/1.JPG", "cabinet_final/2.JPG");
    Files.delete(folder.resolve("Stanford_Online_Products/Ebay_test.txt"));
    assertThatThrownBy(() -> open("sop:@?split=test"))
        .hasMessageContaining("Ebay_test.txt: no such file");
  }

  @Test
  void marketNamesTellIdentityAndCamera() throws Exception {
    String root = "Market-1501-v15.09.15/";
    picture(root + "bounding_box_train/0002_c1s1_000451_03.jpg");
    picture(root + "bounding_box_train/0007_c3s3_077419_03.jpg");
    text(root + "bounding_box_train/Thumbs.db", "x");
    picture(root + "query/0001_c6s1_001051_00.jpg");
    picture(root + "bounding_box_test/-1_c2s1_000401_03.jpg");
    picture(root + "bounding_box_test/0000_c4s6_000810_02.jpg");
    picture(root + "bounding_box_test/0001_c1s1_001051_03.jpg");
    DataSet train = open("market1501:@");
    assertThat(train.labels().orElseThrow()).containsExactly(2, 7);
    assertThat(cameras(train)).containsExactly(1, 3);
    assertThat(train.images().read(0).height()).isEqualTo(4);
    DataSet query = open("market1501:@?split=query");
    assertThat(query.labels().orElseThrow()).containsExactly(1);
    assertThat(cameras(query)).containsExactly(6);
    DataSet gallery = open("market1501:@?split=gallery");
    assertThat(gallery.labels().orElseThrow()).containsExactly(0, 1); // junk gone, distractor kept
    assertThat(cameras(gallery)).containsExactly(4, 1);
    assertThat(gallery.description()).isEqualTo("Market-1501 gallery: 2 images of 2 identities");
    assertThatThrownBy(() -> open("market1501:@?split=test"))
        .hasMessageContaining("accepted: train, query, gallery");
    assertThatThrownBy(() -> open("market1501:@/" + root + "query"))
        .hasMessageContaining("bounding_box_train: no such folder");
  }

  @Test
  void msmt17InItsOwnLayout() throws Exception {
    String root = "MSMT17_V1/";
    text(root + "list_train.txt", "0000/0000_000_01_0303morning_0008_0.jpg 0\n");
    text(root + "list_val.txt", "0003/0003_011_15_0303noon_0008_1.jpg 3\n");
    text(root + "list_query.txt", "0000/0000_005_14_0303morning_0022_0.jpg 0\n");
    text(root + "list_gallery.txt", "0000/0000_000_05_0303morning_0008_0.jpg 0\n");
    picture(root + "train/0000/0000_000_01_0303morning_0008_0.jpg");
    picture(root + "test/0000/0000_005_14_0303morning_0022_0.jpg");
    DataSet train = open("msmt17:@");
    assertThat(train.labels().orElseThrow()).containsExactly(0, 3);
    assertThat(cameras(train)).containsExactly(1, 15);
    assertThat(train.images().read(0).width()).isEqualTo(5);
    DataSet query = open("msmt17:@?split=query");
    assertThat(cameras(query)).containsExactly(14);
    assertThat(query.images().read(0).width()).isEqualTo(5);
    assertThat(cameras(open("msmt17:@?split=gallery"))).containsExactly(5);
    Files.createDirectories(folder.resolve(root + "mask_test_v2"));
    assertThat(names(open("msmt17:@?split=gallery"))[0]).startsWith("mask_test_v2/0000/");
    text(root + "list_query.txt", "0000/query.jpg 0\n");
    assertThatThrownBy(() -> open("msmt17:@?split=query")).hasMessageContaining("has no camera");
  }

  @Test
  void msmt17PackedLikeMarket() throws Exception {
    picture("bounding_box_train/0012_c15_0001.jpg");
    picture("query/0700_c2_0001.jpg");
    picture("bounding_box_test/0700_c3_0001.jpg");
    assertThat(cameras(open("msmt17:@"))).containsExactly(15);
    assertThat(open("msmt17:@?split=gallery").labels().orElseThrow()).containsExactly(700);
  }
}
